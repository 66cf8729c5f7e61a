//! A bounded pool whose callers wait in their threads until somebody returns an item.

use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

pub(crate) struct Pool<T> {
    size: usize,
    state: Mutex<State<T>>,
    returned: Condvar,
}

struct State<T> {
    /// Last in, first out: the item that was used last has its memory in the processor's caches.
    idle: Vec<T>,
    /// Places that are taken.
    busy: usize,
}

impl<T> Pool<T> {
    pub(crate) fn new(size: usize) -> Self {
        let size = size.max(1);
        let state = State { idle: Vec::with_capacity(size), busy: 0 };
        Self { size, state: Mutex::new(state), returned: Condvar::new() }
    }

    /// Takes a place, waiting until one is free. It holds an idle item, or none: then the caller makes one.
    pub(crate) fn take(&self) -> Place<'_, T> {
        let mut state = self.lock();
        while state.busy >= self.size {
            state = self.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.busy += 1;
        Place { pool: self, item: state.idle.pop() }
    }

    /// Takes all idle items out, without waiting for the others.
    pub(crate) fn drain(&self) -> Vec<Place<'_, T>> {
        let mut state = self.lock();
        let items = mem::take(&mut state.idle);
        state.busy += items.len();
        items.into_iter().map(|item| Place { pool: self, item: Some(item) }).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the pool. What it holds when it is dropped is idle again.
pub(crate) struct Place<'a, T> {
    pool: &'a Pool<T>,
    pub(crate) item: Option<T>,
}

impl<T> Drop for Place<'_, T> {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        state.idle.extend(self.item.take());
        state.busy -= 1;
        drop(state);
        self.pool.returned.notify_one();
    }
}
