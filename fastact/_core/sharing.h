/* When a thread shares its calls with others. Where other processes use the cores, a call that is shared waits for
   threads that the system does not run: for some milliseconds, where the work itself takes microseconds. So once
   sharing has cost more than it has gained, the calling thread shares nothing for a while but much larger calls. The
   pause is long compared with what was lost, and longer each time, until sharing pays again. */
#define FASTACT_MOST_GAINED 4e-3  /* what is remembered: a time slice */
#define FASTACT_LONGEST_PAUSE 0.2
#define FASTACT_LOST_TO_PAUSE 30  /* at most a 30th of the time is lost */
#define FASTACT_CALLS_TO_PAUSE 16 /* the shortest pause, in calls of that length */
#define FASTACT_LARGER 8

/* The seconds that sharing has gained; how long the pause is and until when; the work of the call before it. */
static __thread double fastact_gained = 0;
static __thread double fastact_pause = 0;
static __thread double fastact_alone_until = 0;
static __thread Py_ssize_t fastact_work_alone = 0;

static int fastact_is_alone(Py_ssize_t work) {
    return fastact_pause > 0 && work <= FASTACT_LARGER * fastact_work_alone && fastact_seconds() < fastact_alone_until;
}

/* After a call: the seconds that the calling thread has computed its part of the work, those that it was held up
   meanwhile, and those that it has then waited for the others. Other processes hold up a thread that works alone too,
   but its own team may be those. */
static void fastact_shared_call_ended(double own, double stalled, double waited, double part, Py_ssize_t work) {
    double const alone = own / part, saved = alone - own;
    double const gain = saved - (stalled < saved ? stalled : saved) - waited;
    double pause;
    fastact_gained = fastact_gained + gain < FASTACT_MOST_GAINED ? fastact_gained + gain : FASTACT_MOST_GAINED;
    if (gain > 0) fastact_pause = 0;
    if (fastact_gained >= 0) return;
    pause = 2 * fastact_pause;
    if (pause < -FASTACT_LOST_TO_PAUSE * fastact_gained) pause = -FASTACT_LOST_TO_PAUSE * fastact_gained;
    if (pause < FASTACT_CALLS_TO_PAUSE * alone) pause = FASTACT_CALLS_TO_PAUSE * alone;
    fastact_pause = pause < FASTACT_LONGEST_PAUSE ? pause : FASTACT_LONGEST_PAUSE;
    fastact_work_alone = work;
    fastact_alone_until = fastact_seconds() + fastact_pause;
    fastact_gained = 0;
}
