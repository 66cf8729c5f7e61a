//! Who takes a seat of a binding and application, in the order of their authorisation.

use alloc::vec::Vec;

use super::member::Members;

/// A run that grows beyond this is cut in two.
const LONGEST: usize = 512;

/// Numbers of members in order, in runs: what comes or goes moves one short run.
#[derive(Debug, Clone, Default)]
pub(in crate::entitlement) struct Seats {
    runs: Vec<Vec<u32>>,
    taken: u32,
    /// Who came in and is not in order yet.
    waiting: Vec<u32>,
}

impl Seats {
    pub(in crate::entitlement) const fn taken(&self) -> u32 {
        self.taken
    }

    /// Takes somebody in who is not there. He counts once [`Self::settle`] has run.
    pub(in crate::entitlement) fn add(&mut self, member: u32) {
        self.waiting.push(member);
    }

    /// Takes somebody out; his record still has to stand.
    pub(in crate::entitlement) fn remove(&mut self, member: u32, members: &Members) {
        let run = self.run_of(member, members);
        let Some(list) = self.runs.get_mut(run) else { return };
        if let Ok(place) = list.binary_search_by(|one| members.compare(*one, member)) {
            list.remove(place);
            self.taken = self.taken.saturating_sub(1);
            if list.is_empty() {
                self.runs.remove(run);
            }
        }
    }

    /// Brings everybody into order.
    pub(in crate::entitlement) fn settle(&mut self, members: &Members) {
        let mut waiting = core::mem::take(&mut self.waiting);
        let count = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
        if count > self.taken >> 3 {
            // Many at once: sorted as a whole, and cut into runs that have room.
            waiting.extend(self.runs.drain(..).flatten());
            waiting.sort_unstable_by(|left, right| members.compare(*left, *right));
            self.runs = waiting.chunks(LONGEST >> 1).map(<[u32]>::to_vec).collect();
        } else {
            waiting.into_iter().for_each(|member| self.insert(member, members));
        }
        self.taken = self.taken.saturating_add(count);
    }

    fn insert(&mut self, member: u32, members: &Members) {
        let run = self.run_of(member, members);
        let Some(list) = self.runs.get_mut(run) else {
            self.runs.push(alloc::vec![member]);
            return;
        };
        let place = list.partition_point(|one| members.compare(*one, member).is_lt());
        list.insert(place, member);
        if list.len() > LONGEST {
            let behind = list.split_off(LONGEST >> 1);
            self.runs.insert(run.saturating_add(1), behind);
        }
    }

    /// The run in which somebody stands or would stand.
    fn run_of(&self, member: u32, members: &Members) -> usize {
        let begins_before =
            |run: &Vec<u32>| run.first().is_some_and(|first| members.compare(*first, member).is_le());
        self.runs.partition_point(begins_before).saturating_sub(1)
    }

    /// Who stands at a place, from 0.
    pub(in crate::entitlement) fn nth(&self, place: u64) -> Option<u32> {
        let mut left = usize::try_from(place).ok()?;
        for run in &self.runs {
            match run.get(left) {
                Some(member) => return Some(*member),
                None => left = left.saturating_sub(run.len()),
            }
        }
        None
    }

    /// How many stand before somebody, whether he is there or not.
    pub(in crate::entitlement) fn before(&self, member: u32, members: &Members) -> u64 {
        let run = self.run_of(member, members);
        let full: usize = self.runs.iter().take(run).map(Vec::len).sum();
        let here = self
            .runs
            .get(run)
            .map_or(0, |list| list.partition_point(|one| members.compare(*one, member).is_lt()));
        u64::try_from(full.saturating_add(here)).unwrap_or(u64::MAX)
    }
}
