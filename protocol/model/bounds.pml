/* How small the world is. The ratios are those of SPEC 6: what matters is which is larger. */

#ifndef COUNTERS
#define COUNTERS 6              /* counters 0 .. 5; SPEC: 2^30 */
#endif
#define BLOCK 2                 /* an incident begins at a multiple of it; SPEC: 16 */
#define INCIDENTS 3             /* COUNTERS / BLOCK: incident i is the one that begins at i * BLOCK */
#define WINDOW 4                /* counters a window remembers; SPEC: 1,024 */
#define SPARE 2                 /* reserved counters that are always left: a press skips and sends */
#define AHEAD 3                 /* how far ahead flash is reserved; SPEC: 32 */
#define NONE 15                 /* no counter, no incident */

#ifndef GATEWAYS
#define GATEWAYS 2
#endif
#ifndef UPSTREAM
#define UPSTREAM 1
#endif
#ifndef PRESSES
#define PRESSES 2
#endif
#ifndef CANCELS
#define CANCELS 1
#endif
#ifndef AGAINS
#define AGAINS 1                /* presses while a cancel is being sent */
#endif
#ifndef DEVICE_RESETS
#define DEVICE_RESETS 1         /* power lost or reset */
#endif
#ifndef GATEWAY_CRASHES
#define GATEWAY_CRASHES 1       /* of both gateways together */
#endif
#ifndef PASSES_OF_TIME
#define PASSES_OF_TIME 1        /* moments at which all that was sent becomes old */
#endif

/* The stages of an ack, and of what the wearer feels: SPEC 7.3. CLOSED is felt like ACKNOWLEDGED. */
#define STORED 1
#define DELIVERED 2
#define ACKNOWLEDGED 3

#ifndef FRAMES
#define FRAMES 3
#endif
#ifndef MISHAPS
#define MISHAPS 2
#endif

/* A crash, a broken connection, a lost ack, a frame sent in vain: in any number. With -DLIVENESS they
   end at last, and the device refreshes when nothing else goes on: it has counters for so long only. */
#ifdef LIVENESS
byte mishaps;
#define may_fail (mishaps < MISHAPS)
#define mishap mishaps++
#else
#define may_fail true
#define mishap skip
#endif

/* Mutations that make two transactions of one */
#if defined WINDOW_FIRST || defined INCIDENT_FIRST
#define HALFWAY
#endif
