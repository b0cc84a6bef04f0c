/* What a gateway does in one step. A crash before the commit is a frame that was not heard, a crash
   after it an answer that was not given: so a step is a commit, or what follows one. */

#define best_stage(g, i) (memory[g].about[i].state == TAKEN -> ACKNOWLEDGED : \
    (memory[g].about[i].row == CONFIRMED -> DELIVERED : STORED))
#define on_disk(g, i, c, stage) (has(disk[g].window, c) && disk[g].about[i].state != UNKNOWN && \
    ((stage) != DELIVERED || disk[g].about[i].row == CONFIRMED) && \
    ((stage) != ACKNOWLEDGED || disk[g].about[i].state == TAKEN))

inline answer(g, i, c, stage) {
    promise(ack_after_commit, on_disk(g, i, c, stage));
    put_ack_on_air(c, stage)
}

/* For the highest counter of the incident, and the best stage it has reached: SPEC 7.3. */
inline answer_about(g, i) {
#ifdef STAGE_NOT_REPEATED
    answer(g, i, memory[g].about[i].last, STORED)
#else
    answer(g, i, memory[g].about[i].last, best_stage(g, i))
#endif
}

/* SPEC 5: a sign of life for supervision */
#ifdef HEARD_WHEN_DELAYED
#define counts_as_heard in_order
#else
#define counts_as_heard may_end
#endif

inline hear(g, c) {
    i = incident_of(c);
    promise(accepted_once, !has(accepted[g], c));
    promise(one_press_one_incident, i == meant[c]);
    accepted[g] = accepted[g] | bit_of(c);
    judge(g, c);
    promise(delayed_never_reassures, !counts_as_heard || !is_old(c));
    merge(g, c, i);
    commit(g, c, i);
    i = 0;
    in_order = false;
    may_end = false
}

/* Publish the row of incident i. The broker has it and says so; or has it, and the connection
   breaks; or never gets it. A row waits until it is confirmed. */
inline publish(g, i) {
    if
    :: reported[g] = reported[g] | bit_of(i);
       memory[g].about[i].row = CONFIRMED;
       push(g, i)
    :: may_fail -> mishap;
       reported[g] = reported[g] | bit_of(i)
    :: may_fail -> mishap
    fi;
#ifdef ROW_GONE_ON_PUBLISH
    memory[g].about[i].row = CONFIRMED;
#endif
    write_incident(g, i)
}

/* A person upstream takes the incident that this gateway has reported. */
inline obey(g, i) {
    taken = taken | bit_of(i);
    memory[g].about[i].state = TAKEN;
    write_incident(g, i);
    push(g, i)
}

/* A stage has risen. Whether the device may still listen is a matter of time: told now, or not. */
inline push(g, i) {
    if
    :: owe_answer(g, i)
    :: true
    fi
}

#define to_publish(g, i) (UPSTREAM && ready(g) && memory[g].about[i].row == WAITING)
#define to_take(g, i) (ready(g) && has(reported[g], i) && memory[g].about[i].state == OPEN)
#ifdef LIVENESS
#define to_answer(g, i) (owed[g] == i)
#else
#define to_answer(g, i) (memory[g].about[i].state != UNKNOWN && \
    of_use(memory[g].about[i].last) && !(acks[memory[g].about[i].last] & (1 << best_stage(g, i))))
#endif

/* One of the incidents */
#define ANY(can) \
           if \
           :: can(g, 0) -> i = 0 \
           :: can(g, 1) -> i = 1 \
           :: can(g, 2) -> i = 2 \
           fi

proctype gateway(byte g) {
    byte i;
    bit in_order;
    bit may_end;
    do
    :: atomic { ready(g) && newest != NONE && is_new(g, newest) -> hear(g, newest) }
#ifdef ACK_FIRST
    :: d_step { newest != NONE && is_new(g, newest) -> answer(g, incident_of(newest), newest, STORED) }
#endif
    :: atomic { ANY(to_answer); answer_about(g, i); owe_nothing(g); i = 0 }
    :: atomic { ANY(to_publish); publish(g, i); i = 0 }
    :: atomic { ANY(to_take); obey(g, i); i = 0 }
#ifdef HALFWAY
    :: d_step { halfway[g] != NONE ->
           i = incident_of(halfway[g]);
           write_window(g);
           write_incident(g, i);
           halfway[g] = NONE;
           i = 0 }
#endif
    od
}
