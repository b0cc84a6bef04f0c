"""Tasks and their queue for asyncio, by the air's clock: the built-in ones read the host's.

A task's `state` is True while it runs unawaited, a `TaskQueue` of those that await it, None when it has
ended unawaited, else False. `data` is the exception to throw into it, what it waits on, or its end.
"""

import time


class TaskQueue:
    """Tasks in order of their time, those of one moment in order of arrival."""

    def __init__(self):
        """Begin with none."""
        self._tasks = []

    def peek(self):
        """Return the first, or None."""
        return self._tasks[0] if self._tasks else None

    def push(self, task, key=None):
        """Let `task` wait for the moment `key`, at once by default."""
        task.data = None
        task.ph_key = time.ticks_ms() if key is None else key
        at = len(self._tasks)
        while at and time.ticks_diff(self._tasks[at - 1].ph_key, task.ph_key) > 0:
            at -= 1
        self._tasks.insert(at, task)

    def pop(self):
        """Take the first."""
        return self._tasks.pop(0)

    def remove(self, task):
        """Take `task`, wherever it stands."""
        self._tasks.remove(task)


class Task:
    """A coroutine that asyncio runs."""

    def __init__(self, coro, globals=None):
        """Run `coro`."""
        self.coro = coro
        self.data = None
        self.state = True
        self.ph_key = 0

    def __iter__(self):
        """Begin to await it."""
        if not self.state:
            self.state = False
        elif self.state is True:
            self.state = TaskQueue()
        elif not isinstance(self.state, TaskQueue):
            raise RuntimeError("can't wait")
        return self

    def __next__(self):
        """Await it, or end as it ended."""
        from asyncio import core

        if not self.state:
            raise self.data
        self.state.push(core.cur_task)
        core.cur_task.data = self

    def done(self):
        """Say whether it has ended."""
        return not self.state

    def cancel(self):
        """Throw CancelledError into it, or into the task it awaits; say whether it still ran."""
        from asyncio import core

        if not self.state:
            return False
        if self is core.cur_task:
            raise RuntimeError("can't cancel self")
        task = self
        while isinstance(task.data, Task):
            task = task.data
        if hasattr(task.data, "remove"):
            task.data.remove(task)
            core._task_queue.push(task)
        elif time.ticks_diff(task.ph_key, time.ticks_ms()) > 0:
            core._task_queue.remove(task)
            core._task_queue.push(task)
        task.data = core.CancelledError
        return True
