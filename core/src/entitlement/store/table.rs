//! Where a key stands: open addressing with a keyed hash, since names come from outside and may be chosen to collide.

use alloc::vec;
use alloc::vec::Vec;
use core::hash::Hasher as _;

use siphasher::sip::SipHasher13;

use crate::entitlement::number::NONE;

/// The key of the hash.
#[derive(Debug, Clone, Copy)]
pub(in crate::entitlement) struct Seed(u64, u64);

impl Seed {
    pub(in crate::entitlement) fn new(bytes: [u8; 16]) -> Self {
        let number = u128::from_le_bytes(bytes);
        let low = u64::try_from(number & u128::from(u64::MAX)).unwrap_or_default();
        let high = u64::try_from(number >> 64).unwrap_or_default();
        Self(low, high)
    }

    /// Of a text within something that has a number.
    pub(in crate::entitlement) fn hash(self, within: u32, text: &str) -> u32 {
        let mut hasher = SipHasher13::new_with_keys(self.0, self.1);
        hasher.write(&within.to_le_bytes());
        hasher.write(text.as_bytes());
        u32::try_from(hasher.finish() >> 32).unwrap_or_default()
    }
}

/// Half of it decides that a slot is another one's, so that its record need not be looked at.
#[derive(Debug, Clone, Copy)]
struct Slot {
    hash: u32,
    index: u32,
}

const EMPTY: Slot = Slot { hash: 0, index: NONE };

/// Indices by the hash of what they stand for.
#[derive(Debug, Clone, Default)]
pub(in crate::entitlement) struct Table {
    /// Empty, or a power of two of which at most seven eighths are taken.
    slots: Vec<Slot>,
    taken: usize,
}

impl Table {
    /// The index under this hash of which `is` holds.
    pub(in crate::entitlement) fn find(&self, hash: u32, is: impl Fn(u32) -> bool) -> Option<u32> {
        let mut at = self.home(hash);
        loop {
            let slot = self.slots.get(at)?;
            if slot.index == NONE {
                return None;
            }
            if slot.hash == hash && is(slot.index) {
                return Some(slot.index);
            }
            at = self.next(at);
        }
    }

    /// Takes in an index that is not there yet.
    pub(in crate::entitlement) fn insert(&mut self, hash: u32, index: u32) {
        let slots = self.slots.len();
        if self.taken.saturating_add(1) > slots.saturating_sub(slots >> 3) {
            self.grow(slots.saturating_mul(2).max(8));
        }
        self.put(Slot { hash, index });
        self.taken = self.taken.saturating_add(1);
    }

    pub(in crate::entitlement) fn remove(&mut self, hash: u32, index: u32) {
        let mut at = self.home(hash);
        loop {
            match self.slots.get(at) {
                None => return,
                Some(slot) if slot.index == NONE => return,
                Some(slot) if slot.index == index => break,
                Some(_) => at = self.next(at),
            }
        }
        self.taken = self.taken.saturating_sub(1);
        // Whoever stands behind and would be nearer to his home moves up, so no search meets a hole.
        let mut hole = at;
        loop {
            at = self.next(at);
            let Some(slot) = self.slots.get(at).copied().filter(|slot| slot.index != NONE) else { break };
            let (from_home, from_hole) = (self.distance(self.home(slot.hash), at), self.distance(hole, at));
            if from_home >= from_hole {
                self.set(hole, slot);
                hole = at;
            }
        }
        self.set(hole, EMPTY);
    }

    fn grow(&mut self, slots: usize) {
        let before = core::mem::replace(&mut self.slots, vec![EMPTY; slots]);
        for slot in before.into_iter().filter(|slot| slot.index != NONE) {
            self.put(slot);
        }
    }

    fn put(&mut self, slot: Slot) {
        let mut at = self.home(slot.hash);
        while self.slots.get(at).is_some_and(|slot| slot.index != NONE) {
            at = self.next(at);
        }
        self.set(at, slot);
    }

    fn set(&mut self, at: usize, slot: Slot) {
        if let Some(place) = self.slots.get_mut(at) {
            *place = slot;
        }
    }

    fn mask(&self) -> usize {
        self.slots.len().saturating_sub(1)
    }

    fn home(&self, hash: u32) -> usize {
        usize::try_from(hash).unwrap_or_default() & self.mask()
    }

    fn next(&self, at: usize) -> usize {
        at.wrapping_add(1) & self.mask()
    }

    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & self.mask()
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use super::*;

    /// Few hashes, at both ends of the table, so that runs are long and go around.
    fn hash_of(key: u32) -> u32 {
        if key.is_multiple_of(2) { key % 5 } else { u32::MAX - key % 3 }
    }

    #[test]
    fn a_table_finds_what_was_put_in_and_not_taken_out() {
        let mut table = Table::default();
        let mut known: BTreeMap<u32, u32> = BTreeMap::new();
        let mut state = 7_u32;
        for step in 0..if cfg!(miri) { 500 } else { 20_000_u32 } {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let key = (state >> 16) % 500;
            let hash = hash_of(key);
            match known.remove(&key) {
                Some(index) => table.remove(hash, index),
                None => {
                    table.insert(hash, step);
                    known.insert(key, step);
                }
            }
            if step % 100 == 0 {
                for key in 0..500 {
                    let hash = hash_of(key);
                    let index = known.get(&key).copied();
                    let found = table.find(hash, |found| Some(found) == index);
                    assert_eq!(found, index);
                }
                assert_eq!(table.taken, known.len());
            }
        }
    }
}
