//! The connections of one listener: how many there may be, what they hold in memory, and who gives way to whom.
//!
//! Nobody has to wait because strangers keep connections open: when all places are taken, the next connection gets the
//! place of one that uses its own less. A connection that has been in its phase for a second gives way before any that
//! has not, an earlier [`Phase`] before a later one, and in one phase whoever has been in it longest. So an honest
//! caller, who is never in one phase for long before its call begins, keeps its place whatever strangers do. Where
//! nobody has been in its phase for a second, whoever connected first gives way.
//!
//! A call in progress never gives way: its answer is due in seconds, and closing its connection would take it from
//! somebody who proved to be the platform, for somebody who has not said a word. If all places hold calls, the next
//! connection waits for the first that ends.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::pace::Pace;

/// What a connection is doing, in the order in which connections give way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Nothing of a request has arrived yet, be it that the TLS handshake goes on; or nothing more will be read.
    Silent,
    /// Its last call was answered.
    Idle,
    /// A header section has begun.
    Head,
    /// A body is arriving.
    Body,
    /// A call is being answered.
    Call,
}

const PHASES: usize = 5;

/// Phases in which a connection may have to give way.
const YIELDING: [Phase; 4] = [Phase::Silent, Phase::Idle, Phase::Head, Phase::Body];
/// Phases in which a connection holds bytes of a request that is not complete.
const UNFINISHED: [Phase; 2] = [Phase::Head, Phase::Body];

/// A connection that is shorter in its phase gives way only where all are.
const SETTLED: Duration = Duration::from_secs(1);

/// All places of a listener.
#[derive(Debug)]
pub(super) struct Places {
    book: Mutex<Book>,
    /// A place became free, or a call ended whose connection may give way now.
    changed: Notify,
    crowded: Pace,
}

/// What a listener may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// Connections at the same time.
    pub(crate) connections: usize,
    /// Bytes of requests that are not answered yet, of all connections together.
    pub(crate) bytes: usize,
}

impl Places {
    pub(super) fn new(capacity: Capacity) -> Arc<Self> {
        Arc::new(Self {
            book: Mutex::new(Book::new(capacity)),
            changed: Notify::new(),
            crowded: Pace::default(),
        })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on. Nobody has to go because of it; who comes finds fewer places, or more.
    pub(super) fn resize(&self, capacity: Capacity) {
        self.book().capacity = capacity;
        self.changed.notify_waiters();
    }

    /// A place for one more connection, as soon as there is one.
    pub(super) async fn take(self: &Arc<Self>) -> Arc<Place> {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if let Some(place) = self.try_take() {
                return place;
            }
            if let Some(times) = self.crowded.one() {
                let message = "all connections of a listener are taken: those that are used least give way";
                tracing::warn!(times, message);
            }
            changed.await;
            // Whoever was accepted before is heard before anybody else is accepted: a crowd that comes faster than it can
            // be looked at would push out those that have their call with them.
            tokio::task::yield_now().await;
        }
    }

    fn try_take(self: &Arc<Self>) -> Option<Arc<Place>> {
        let (number, leave) = self.book().arrive(Instant::now())?;
        Some(Arc::new(Place { places: Arc::clone(self), number, leave }))
    }

    /// One connection fewer, if any may give way.
    pub(super) fn make_room(&self) {
        self.book().displace(Instant::now());
    }

    /// Until no place is taken.
    pub(super) async fn empty(&self) {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if self.book().taken == 0 {
                return;
            }
            changed.await;
        }
    }
}

/// The place of one connection, which gives it back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
    leave: Arc<Notify>,
}

impl Place {
    /// Another phase begins; the same one goes on. `false`: the connection has to give way, and begins nothing.
    pub(super) fn enter(&self, phase: Phase) -> bool {
        let mut book = self.places.book();
        let (before, stays) = (book.is_full(), book.enter(self.number, phase, Instant::now()));
        drop(book);
        if before && phase < Phase::Call {
            self.places.changed.notify_waiters();
        }
        stays
    }

    /// The phase, and since when; `None` once the connection has to give way.
    pub(super) fn standing(&self) -> Option<(Phase, Instant)> {
        self.places.book().seats.get(&self.number).map(|seat| (seat.phase, seat.since))
    }

    /// Holds so many bytes more of a request. `false`: there is no room for them.
    pub(super) fn hold(&self, bytes: usize) -> bool {
        self.places.book().hold(self.number, bytes)
    }

    /// Until the connection has to give way.
    pub(super) async fn displaced(&self) {
        self.leave.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.book().depart(self.number);
        self.places.changed.notify_waiters();
    }
}

/// Who has which place. Pure: the time is given.
#[derive(Debug)]
struct Book {
    capacity: Capacity,
    taken: usize,
    /// Told to go, not gone yet.
    leaving: usize,
    /// Bytes of all seats.
    bytes: usize,
    last: u64,
    seats: BTreeMap<u64, Seat>,
    /// The seats once more: of each phase in the order of their times.
    order: [BTreeSet<(Instant, u64)>; PHASES],
}

#[derive(Debug)]
struct Seat {
    phase: Phase,
    since: Instant,
    bytes: usize,
    leave: Arc<Notify>,
}

impl Book {
    fn new(capacity: Capacity) -> Self {
        let (seats, order) = (BTreeMap::new(), Default::default());
        Self { capacity, taken: 0, leaving: 0, bytes: 0, last: 0, seats, order }
    }

    fn is_full(&self) -> bool {
        self.taken >= self.capacity.connections
    }

    /// A new seat; where all are taken none, but somebody is told to go, unless somebody was already.
    fn arrive(&mut self, now: Instant) -> Option<(u64, Arc<Notify>)> {
        if self.is_full() {
            if self.leaving == 0 {
                self.displace(now);
            }
            return None;
        }
        self.taken += 1;
        self.last += 1;
        let leave = Arc::new(Notify::new());
        let seat = Seat { phase: Phase::Silent, since: now, bytes: 0, leave: Arc::clone(&leave) };
        self.order[seat.phase as usize].insert((seat.since, self.last));
        self.seats.insert(self.last, seat);
        Some((self.last, leave))
    }

    fn enter(&mut self, number: u64, phase: Phase, now: Instant) -> bool {
        let Some(seat) = self.seats.get_mut(&number) else { return false };
        if seat.phase != phase {
            self.order[seat.phase as usize].remove(&(seat.since, number));
            (seat.phase, seat.since) = (phase, now);
            self.order[phase as usize].insert((now, number));
            if phase <= Phase::Idle {
                self.bytes -= std::mem::take(&mut seat.bytes);
            }
        }
        true
    }

    /// More bytes for a seat. Where there is no room, those give way whose request has been arriving longest.
    fn hold(&mut self, number: u64, bytes: usize) -> bool {
        while self.bytes.saturating_add(bytes) > self.capacity.bytes {
            let others = UNFINISHED.into_iter().filter_map(|phase| self.longest_in(phase, number));
            let Some((_, other)) = others.min() else { return false };
            self.dismiss(other);
        }
        let Some(seat) = self.seats.get_mut(&number) else { return false };
        seat.bytes += bytes;
        self.bytes += bytes;
        true
    }

    /// Tells the connection to go that uses its place least.
    fn displace(&mut self, now: Instant) {
        let longest = YIELDING.into_iter().filter_map(|phase| self.longest_in(phase, 0));
        let settled = longest.into_iter().find(|(since, _)| now.duration_since(*since) >= SETTLED);
        let first = || {
            let yields = |seat: &Seat| seat.phase < Phase::Call;
            self.seats.iter().find(|(_, seat)| yields(seat)).map(|(number, _)| *number)
        };
        if let Some(number) = settled.map(|(_, number)| number).or_else(first) {
            self.dismiss(number);
        }
    }

    /// Who has been in a phase longest, but for one.
    fn longest_in(&self, phase: Phase, except: u64) -> Option<(Instant, u64)> {
        self.order[phase as usize].iter().find(|(_, number)| *number != except).copied()
    }

    fn dismiss(&mut self, number: u64) {
        if let Some(seat) = self.remove(number) {
            self.leaving += 1;
            seat.leave.notify_one();
        }
    }

    fn depart(&mut self, number: u64) {
        self.taken -= 1;
        if self.remove(number).is_none() {
            self.leaving -= 1;
        }
    }

    fn remove(&mut self, number: u64) -> Option<Seat> {
        let seat = self.seats.remove(&number)?;
        self.order[seat.phase as usize].remove(&(seat.since, number));
        self.bytes -= seat.bytes;
        Some(seat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: Capacity = Capacity { connections: 1_000, bytes: 1_000 };

    /// A book whose connections arrive and change phase at given milliseconds.
    struct World {
        book: Book,
        begun: Instant,
    }

    impl World {
        fn new(connections: usize, bytes: usize) -> Self {
            Self { book: Book::new(Capacity { connections, bytes }), begun: Instant::now() }
        }

        fn at(&self, milliseconds: u64) -> Instant {
            self.begun + Duration::from_millis(milliseconds)
        }

        fn arrives(&mut self, at: u64) -> Option<u64> {
            self.book.arrive(self.at(at)).map(|(number, _)| number)
        }

        /// Somebody who is in this phase from the given time on.
        fn someone(&mut self, phase: Phase, since: u64) -> u64 {
            let number = self.arrives(since).unwrap();
            assert!(self.book.enter(number, phase, self.at(since)));
            number
        }

        /// Who goes when one more connection arrives.
        fn gives_way(&mut self, at: u64) -> Option<u64> {
            let before: Vec<u64> = self.book.seats.keys().copied().collect();
            assert_eq!(self.arrives(at), None, "all places are taken");
            let gone = before.into_iter().find(|number| !self.book.seats.contains_key(number));
            if let Some(gone) = gone {
                self.book.depart(gone);
            }
            gone
        }
    }

    #[test]
    fn who_uses_its_place_least_gives_way_and_calls_never() {
        let mut world = World::new(8, 1_000);
        let call = world.someone(Phase::Call, 0);
        let body = world.someone(Phase::Body, 1);
        let [old_head, head] = [2, 3].map(|since| world.someone(Phase::Head, since));
        let [old_idle, idle] = [4, 5].map(|since| world.someone(Phase::Idle, since));
        let [old_silent, silent] = [6, 7].map(|since| world.someone(Phase::Silent, since));
        for expected in [old_silent, silent, old_idle, idle, old_head, head, body] {
            assert_eq!(world.gives_way(10_000), Some(expected));
            world.someone(Phase::Call, 10_000);
        }
        assert_eq!(world.gives_way(20_000), None, "nothing but calls");
        world.book.enter(call, Phase::Idle, world.at(20_000));
        assert_eq!(world.gives_way(20_001), Some(call), "the first that has ended");
    }

    #[test]
    fn who_has_just_begun_outlasts_who_has_been_at_it_for_a_second() {
        let mut world = World::new(4, 1_000);
        let heads = [0, 1, 2].map(|since| world.someone(Phase::Head, since));
        let honest = world.arrives(9_900).unwrap();
        for head in heads {
            assert_eq!(world.gives_way(10_000), Some(head), "not the one that came a moment ago");
            world.someone(Phase::Head, 10_000);
        }
        assert!(world.book.seats.contains_key(&honest));
        assert_eq!(world.gives_way(10_950), Some(honest), "it came a second ago and has not said a word");
    }

    #[test]
    fn of_those_that_have_just_begun_the_one_that_connected_first_gives_way() {
        let mut world = World::new(3, 1_000);
        let busy = world.someone(Phase::Idle, 0);
        world.arrives(9_500).unwrap();
        let call = world.someone(Phase::Call, 9_600);
        world.book.enter(busy, Phase::Head, world.at(9_900));
        assert_eq!(world.gives_way(10_000), Some(busy), "however busy it keeps its connection");
        world.book.enter(call, Phase::Idle, world.at(10_000));
    }

    #[test]
    fn one_goes_for_one_that_comes() {
        let mut world = World::new(2, 1_000);
        let [first, second] = [0, 1].map(|since| world.someone(Phase::Silent, since));
        assert_eq!(world.arrives(5_000), None);
        assert_eq!(world.arrives(5_001), None, "still waiting for the one that was told to go");
        assert!(!world.book.enter(first, Phase::Call, world.at(5_002)), "told to go, it begins nothing");
        assert!(world.book.enter(second, Phase::Head, world.at(5_002)));
        world.book.depart(first);
        assert!(world.arrives(5_003).is_some());
    }

    #[test]
    fn requests_that_arrive_share_their_room_and_the_oldest_gives_way() {
        let mut world = World::new(10, 100);
        let call = world.someone(Phase::Call, 0);
        let [head, body, late] = [(Phase::Head, 1), (Phase::Body, 2), (Phase::Body, 3)]
            .map(|(phase, since)| world.someone(phase, since));
        for (number, bytes) in [(call, 40), (head, 30), (body, 30)] {
            assert!(world.book.hold(number, bytes));
        }
        assert!(world.book.hold(late, 10));
        assert!(!world.book.seats.contains_key(&head), "it has been arriving longest");
        assert!(world.book.hold(late, 40));
        assert!(!world.book.seats.contains_key(&body));
        assert!(!world.book.hold(late, 20), "a call that is complete keeps what it holds");
        assert!(world.book.seats.contains_key(&late));
        assert!(!world.book.hold(head, 1), "it has to go");
        world.book.enter(call, Phase::Idle, world.at(5));
        assert_eq!(world.book.bytes, 50, "an answered request holds nothing");
        assert!(world.book.hold(late, 50));
        world.book.depart(late);
        assert_eq!(world.book.bytes, 0);
    }

    #[tokio::test]
    async fn a_connection_waits_for_the_first_call_that_ends() {
        let places = Places::new(Capacity { connections: 1, ..LARGE });
        let place = places.take().await;
        assert!(place.enter(Phase::Call));
        let next = tokio::spawn({
            let places = Arc::clone(&places);
            async move { places.take().await }
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!next.is_finished());
        assert!(place.enter(Phase::Idle));
        place.displaced().await;
        assert!(!place.enter(Phase::Head));
        drop(place);
        let next = next.await.unwrap();
        drop(next);
        places.empty().await;
    }
}
