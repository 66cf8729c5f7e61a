//! Which owed work is sent when: a queue for each product, ordered by the time from which its works are due, and a bound on
//! how many of each are on their way. It holds what was seen in the ledger, and is never trusted alone: whoever takes a work
//! up claims it in the ledger first.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What decides where a work goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The product of the instance.
    pub product: String,
    /// The path of the route that took the call in; the route may be gone.
    pub path: String,
    /// That route's dialect.
    pub dialect: String,
}

/// Who carries out the effects of an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// A backend.
    Backend {
        /// Calls of the platform that may be at work there at the same time.
        calls: usize,
        /// Owed works that may be on their way at the same time.
        owed: usize,
    },
    /// Somebody else: an old handler. Nothing is sent.
    Elsewhere,
    /// Nobody: the configuration has no such product. What is owed stays so.
    Nobody,
}

/// A work whose turn has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) key: String,
    pub(super) origin: Arc<Origin>,
    /// How the send before ended, where the ledger knows: the backend took it in, or it failed.
    pub(super) accepted: Option<bool>,
}

/// Times are of the monotonic clock, in milliseconds.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    lanes: Vec<Lane>,
    by_origin: HashMap<Arc<Origin>, usize>,
    waiting: HashMap<String, Waiting>,
    /// Taken up and not back yet.
    running: HashSet<String>,
    busy: HashMap<String, usize>,
    /// Where the next distribution begins, so that no lane is always the last.
    first: usize,
}

/// The works of one origin, by the time from which they are due.
#[derive(Debug)]
struct Lane {
    origin: Arc<Origin>,
    works: BTreeSet<(u64, String)>,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    lane: usize,
    at: u64,
    accepted: Option<bool>,
}

impl Schedule {
    /// A work is due from `at` on, whatever was known of it before.
    pub(super) fn put(&mut self, key: String, origin: Origin, at: u64, accepted: Option<bool>) {
        self.remove(&key);
        let lane = match self.by_origin.get(&origin) {
            Some(lane) => *lane,
            None => self.open(origin),
        };
        if let Some(open) = self.lanes.get_mut(lane) {
            open.works.insert((at, key.clone()));
            self.waiting.insert(key, Waiting { lane, at, accepted });
        }
    }

    fn open(&mut self, origin: Origin) -> usize {
        let (origin, lane) = (Arc::new(origin), self.lanes.len());
        self.lanes.push(Lane { origin: Arc::clone(&origin), works: BTreeSet::new() });
        self.by_origin.insert(origin, lane);
        lane
    }

    /// A work is over, or stands behind another.
    pub(super) fn remove(&mut self, key: &str) {
        if let Some(Waiting { lane, at, .. }) = self.waiting.remove(key)
            && let Some(lane) = self.lanes.get_mut(lane)
        {
            lane.works.remove(&(at, key.to_owned()));
        }
    }

    /// The works that are sent now: of every lane those that are due, as far as its product has places, one of each lane
    /// after the other.
    pub(super) fn take(&mut self, now: u64, carrier: impl Fn(&Origin) -> Carrier) -> Vec<Turn> {
        let places: Vec<usize> = self.lanes.iter().map(|lane| places(carrier(&lane.origin))).collect();
        let mut turns = Vec::new();
        let mut found = true;
        while found {
            found = false;
            for step in 0..self.lanes.len() {
                let lane = self.first.wrapping_add(step) % self.lanes.len();
                let turn = self.next(lane, places.get(lane).copied().unwrap_or_default(), now);
                found |= turn.is_some();
                turns.extend(turn);
            }
        }
        self.first = self.first.wrapping_add(1);
        turns
    }

    fn next(&mut self, lane: usize, places: usize, now: u64) -> Option<Turn> {
        let lane = self.lanes.get_mut(lane)?;
        let busy = self.busy.get(&lane.origin.product).copied().unwrap_or_default();
        if busy >= places {
            return None;
        }
        let due = lane.works.iter().take_while(|(at, _)| *at <= now);
        let (at, key) = due.into_iter().find(|(_, key)| !self.running.contains(key))?.clone();
        lane.works.remove(&(at, key.clone()));
        let accepted = self.waiting.remove(&key).and_then(|waiting| waiting.accepted);
        let origin = Arc::clone(&lane.origin);
        self.running.insert(key.clone());
        self.busy.insert(origin.product.clone(), busy.saturating_add(1));
        Some(Turn { key, origin, accepted })
    }

    /// A work that was taken up is back. `again`: it is due from then on, unless something newer is known.
    pub(super) fn back(&mut self, turn: Turn, again: Option<u64>) {
        if let Some(busy) = self.busy.get_mut(&turn.origin.product) {
            *busy = busy.saturating_sub(1);
        }
        self.running.remove(&turn.key);
        if let Some(at) = again
            && !self.waiting.contains_key(&turn.key)
        {
            self.put(turn.key, (*turn.origin).clone(), at, turn.accepted);
        }
    }

    /// When the next work is due that nobody has taken up, of a product with a place.
    pub(super) fn next_at(&self, carrier: impl Fn(&Origin) -> Carrier) -> Option<u64> {
        let lanes = self.lanes.iter().filter(|lane| {
            let busy = self.busy.get(&lane.origin.product).copied().unwrap_or_default();
            busy < places(carrier(&lane.origin))
        });
        lanes
            .filter_map(|lane| lane.works.iter().find(|(_, key)| !self.running.contains(key)))
            .map(|(at, _)| *at)
            .min()
    }

    /// Products with works that are due and that nobody carries out.
    pub(super) fn stranded(&self, now: u64, carrier: impl Fn(&Origin) -> Carrier) -> BTreeSet<String> {
        let lanes = self.lanes.iter();
        lanes
            .filter(|lane| lane.works.first().is_some_and(|(at, _)| *at <= now))
            .filter(|lane| carrier(&lane.origin) == Carrier::Nobody)
            .map(|lane| lane.origin.product.clone())
            .collect()
    }

    /// How many works of a product are due.
    pub(super) fn due_of(&self, product: &str, now: u64) -> usize {
        let lanes = self.lanes.iter().filter(|lane| lane.origin.product == product);
        lanes.map(|lane| lane.works.iter().take_while(|(at, _)| *at <= now).count()).sum()
    }
}

fn places(carrier: Carrier) -> usize {
    match carrier {
        Carrier::Backend { owed, .. } => owed,
        Carrier::Elsewhere | Carrier::Nobody => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(product: &str) -> Origin {
        let [path, dialect] = [format!("/{product}"), "saas-v2".to_owned()];
        Origin { product: product.to_owned(), path, dialect }
    }

    fn schedule(works: &[(&str, &str, u64)]) -> Schedule {
        let mut schedule = Schedule::default();
        for (key, product, at) in works {
            schedule.put((*key).to_owned(), origin(product), *at, None);
        }
        schedule
    }

    fn two(_: &Origin) -> Carrier {
        Carrier::Backend { calls: 1, owed: 2 }
    }

    fn keys(turns: &[Turn]) -> Vec<&str> {
        turns.iter().map(|turn| turn.key.as_str()).collect()
    }

    #[test]
    fn works_are_taken_in_the_order_of_their_times_and_not_before() {
        let mut schedule = schedule(&[("late", "a", 30), ("second", "a", 20), ("first", "a", 10)]);
        assert_eq!(schedule.take(9, two), []);
        assert_eq!(schedule.next_at(two), Some(10));
        assert_eq!(keys(&schedule.take(25, two)), ["first", "second"]);
        assert_eq!(schedule.next_at(two), None, "no place is free");
    }

    #[test]
    fn a_product_whose_works_do_not_come_back_leaves_the_places_of_others_alone() {
        let mut works: Vec<(String, &str, u64)> =
            (0..2_000).map(|n| (format!("h{n}"), "hanging", 0)).collect();
        works.push(("healthy".to_owned(), "healthy", 5));
        let works: Vec<_> = works.iter().map(|(key, product, at)| (key.as_str(), *product, *at)).collect();
        let mut schedule = schedule(&works);
        assert_eq!(schedule.take(0, two).len(), 2);
        assert_eq!(schedule.take(4, two), []);
        assert_eq!(keys(&schedule.take(5, two)), ["healthy"]);
    }

    #[test]
    fn a_place_is_free_again_when_a_work_is_back() {
        let mut schedule = schedule(&[("1", "a", 0), ("2", "a", 0), ("3", "a", 0)]);
        let mut turns = schedule.take(0, two);
        schedule.back(turns.remove(0), None);
        assert_eq!(keys(&schedule.take(0, two)), ["3"]);
    }

    #[test]
    fn what_is_known_of_a_work_meanwhile_counts_when_it_is_back() {
        let mut schedule = schedule(&[("1", "a", 0), ("2", "a", 0)]);
        let [first, second] = schedule.take(0, two).try_into().unwrap();
        schedule.put("1".to_owned(), origin("a"), 500, Some(false));
        assert_eq!(schedule.take(600, two), [], "it is on its way");
        schedule.back(first, Some(100));
        schedule.back(second, Some(100));
        assert_eq!(keys(&schedule.take(100, two)), ["2"]);
        assert_eq!(schedule.take(500, two)[0].accepted, Some(false));
    }

    #[test]
    fn lanes_of_one_product_share_its_places_fairly() {
        let mut schedule = schedule(&[("1", "a", 0), ("2", "a", 0), ("3", "a", 0)]);
        let other = Origin { path: "/v1".to_owned(), ..origin("a") };
        schedule.put("4".to_owned(), other, 9, None);
        let keys: HashSet<String> = schedule.take(9, two).into_iter().map(|turn| turn.key).collect();
        assert_eq!((keys.len(), keys.contains("4")), (2, true), "{keys:?}");
    }

    #[test]
    fn what_nobody_carries_out_waits_and_is_counted() {
        let mut schedule = schedule(&[("1", "gone", 0), ("2", "gone", 0), ("3", "gone", 9), ("4", "a", 0)]);
        let carrier = |origin: &Origin| if origin.product == "gone" { Carrier::Nobody } else { two(origin) };
        assert_eq!(keys(&schedule.take(0, carrier)), ["4"]);
        assert_eq!(schedule.stranded(0, carrier), BTreeSet::from(["gone".to_owned()]));
        assert_eq!(schedule.due_of("gone", 0), 2);
        assert_eq!(keys(&schedule.take(0, two)), ["1", "2"], "once somebody does");
        let held = |_: &Origin| Carrier::Elsewhere;
        assert_eq!((schedule.take(9, held), schedule.stranded(9, held)), (Vec::new(), BTreeSet::new()));
    }

    #[test]
    fn a_work_that_is_over_is_not_taken() {
        let mut schedule = schedule(&[("1", "a", 0), ("2", "a", 0)]);
        schedule.remove("1");
        schedule.remove("unknown");
        assert_eq!(keys(&schedule.take(0, two)), ["2"]);
    }
}
