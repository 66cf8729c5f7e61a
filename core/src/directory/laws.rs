//! What holds for every sequence of calls, whatever the order in which they arrive.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use proptest::prelude::*;

use super::{Action, Department, DepartmentRecord, MemberRecord, Moment, Tenant, TenantRecord, User};
use crate::ledger::row::codec::Json;

const NOW: u64 = 1_000_000;

fn at(signed_at: u64) -> Moment {
    Moment { signed_at, now: NOW }
}

/// A call about departments.
#[derive(Debug, Clone)]
enum Call {
    One(Action, u8),
    All(Vec<u8>),
}

fn code(number: u8) -> String {
    number.to_string()
}

#[derive(Debug, Clone, Default)]
struct World {
    head: TenantRecord,
    departments: BTreeMap<u8, DepartmentRecord>,
}

impl World {
    /// Whether there was an effect.
    fn take(&mut self, call: &Call, signed_at: u64) -> bool {
        match call {
            Call::One(action, number) => {
                let code = code(*number);
                let department = Department { code: &code, name: Some("n"), parent_code: None };
                let found = self.departments.get(number).cloned();
                let after = DepartmentRecord::apply(
                    found.as_ref(),
                    &mut self.head,
                    *action,
                    department,
                    at(signed_at),
                );
                let Some((record, effect)) = after else { return false };
                self.departments.insert(*number, record);
                effect
            }
            Call::All(numbers) => {
                let codes: Vec<String> = numbers.iter().copied().map(code).collect();
                let department = |code| Department { code, name: Some("n"), parent_code: None };
                let departments: Vec<Department<'_>> = codes.iter().map(|code| department(code)).collect();
                let found: Vec<_> =
                    numbers.iter().map(|number| self.departments.get(number).cloned()).collect();
                let after = DepartmentRecord::snapshot(&found, &mut self.head, &departments, at(signed_at));
                let Some((written, effect)) = after else { return false };
                for (code, record) in written {
                    self.departments.insert(code.parse().unwrap(), record);
                }
                effect
            }
        }
    }

    fn present(&self) -> Vec<u8> {
        let present = self.departments.iter().filter(|(_, record)| record.is_present(&self.head));
        present.map(|(number, _)| *number).collect()
    }
}

/// The same, by the time of signature alone: what was said last of each.
fn expected(calls: &[(u64, Call)]) -> Vec<u8> {
    let mut sorted = calls.to_vec();
    sorted.sort_by_key(|(time, _)| *time);
    let mut present: Vec<u8> = Vec::new();
    for (_, call) in sorted {
        match call {
            Call::One(Action::Add, number) => present.push(number),
            Call::One(_, number) => present.retain(|one| *one != number),
            Call::All(numbers) => present = numbers,
        }
    }
    present.sort_unstable();
    present.dedup();
    present
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        3 => (prop_oneof![Just(Action::Add), Just(Action::Remove)], 0_u8..6).prop_map(|(action, number)| Call::One(action, number)),
        2 => proptest::collection::btree_set(0_u8..6, 0..5).prop_map(|numbers| Call::All(numbers.into_iter().collect())),
    ]
}

/// Calls, each with a time of its own, in the order in which they arrive.
fn calls() -> impl Strategy<Value = Vec<(u64, Call)>> {
    let with_times = |calls: Vec<Call>| (10_u64..).step_by(10).zip(calls).collect::<Vec<(u64, Call)>>();
    proptest::collection::vec(call(), 0..12).prop_map(with_times).prop_shuffle()
}

proptest! {
    #[test]
    fn the_departments_that_are_present_do_not_depend_on_the_order_of_arrival(calls in calls()) {
        let mut world = World::default();
        for (time, call) in &calls {
            let before = world.present();
            let effect = world.take(call, *time);
            let after = world.present();
            prop_assert!(effect || before == after, "whoever is told of nothing sees nothing change");
            prop_assert_eq!(usize::try_from(world.head.departments.present).unwrap(), after.len(), "counted along");
        }
        prop_assert_eq!(world.present(), expected(&calls));
    }

    #[test]
    fn a_repeat_of_any_call_is_no_effect(calls in calls(), again in any::<prop::sample::Index>()) {
        prop_assume!(!calls.is_empty());
        let mut world = World::default();
        for (time, call) in &calls {
            world.take(call, *time);
        }
        let before = world.clone();
        let (time, call) = again.get(&calls);
        prop_assert!(!world.take(call, *time) || before.present() == world.present());
        let (newest, last) = calls.iter().max_by_key(|(time, _)| *time).unwrap();
        prop_assert!(!world.take(last, *newest), "the last one");
        prop_assert!(!world.take(last, newest + 1), "nor the same again");
    }

    #[test]
    fn the_end_of_a_binding_is_the_end_of_everything(calls in calls(), end in 0_u64..130) {
        let mut world = World::default();
        for (time, call) in &calls {
            world.take(call, *time);
        }
        world.head.has_content = true;
        world.head.apply(Action::Add, Tenant::default(), at(0));
        prop_assert!(world.head.apply(Action::Remove, Tenant::default(), at(end)));
        prop_assert!(world.present().is_empty());
        for (time, call) in &calls {
            world.take(call, *time);
            prop_assert!(*time >= end || world.departments.values().all(|record| record.epoch == 0 || record.time >= end));
        }
        let expected: Vec<(u64, Call)> = calls.into_iter().filter(|(time, _)| *time >= end).collect();
        prop_assert_eq!(world.present(), super::laws::expected(&expected), "and what was signed after it begins anew");
    }

    #[test]
    fn who_may_use_an_application_does_not_depend_on_the_order_of_arrival(
        actions in proptest::collection::vec(prop_oneof![Just(Action::Add), Just(Action::Revoke), Just(Action::Remove)], 0..8),
        order in any::<[u8; 8]>(),
    ) {
        let timed: Vec<(u64, Action)> = (10_u64..).step_by(10).zip(actions).collect();
        let mut arriving: Vec<(u8, (u64, Action))> = order.into_iter().zip(timed.clone()).collect();
        arriving.sort_by_key(|(order, _)| *order);
        let user = User(Json(r#"{"user_name":"a","role":"user","enabled":"true"}"#.to_string()));
        let mut record: Option<MemberRecord> = None;
        let mut newest = 0;
        for (_, (time, action)) in arriving {
            if let Some((after, _)) = MemberRecord::apply(record.as_ref(), &TenantRecord::default(), action, &user, at(time)) {
                record = Some(after);
            }
            newest = time.max(newest);
            prop_assert_eq!(record.as_ref().map(|record| record.time), Some(newest), "{}", format!("{record:?}"));
        }
        let may = record.is_some_and(|record| record.is_authorised());
        prop_assert_eq!(may, timed.last().is_some_and(|(_, action)| *action == Action::Add));
    }
}
