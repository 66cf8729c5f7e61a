//! Many at once.

use std::sync::Arc;
use std::time::Duration;

use crate::conformance::steps::{Dice, Running, bytes, check, commit, load, must, number, put, together};
use crate::{Limit, Outcome, Store};

/// A marketplace repeats its call before the first is answered, a thousand times.
pub async fn of_a_thousand_concurrent_duplicates_one_wins(store: Arc<dyn Store>) {
    let duplicate = |name: usize| {
        let store = Arc::clone(&store);
        let mine = name.to_string();
        async move {
            let writes = vec![put("order/CS1", None, &mine), put(&format!("work/{mine}"), None, &mine)];
            (mine, commit(&store, writes).await)
        }
    };
    let results = together((0..1_000).map(duplicate)).await;
    let mut winners = results.iter().filter(|(_, outcome)| *outcome == Outcome::Committed);
    let (winner, _) = winners.next().expect("a winner");
    assert_eq!(winners.next(), None);
    assert_eq!(bytes(&store, "order/CS1").await.as_deref(), Some(winner.as_bytes()));
    // Of the others nothing is left.
    let work = store.scan("work/", None, Limit::rows(10)).await.expect("a scan").rows;
    assert_eq!(super::steps::keys(&work), [format!("work/{winner}")]);
}

/// Read, add one, write back; again after a conflict.
pub async fn no_increment_is_lost(store: Arc<dyn Store>) {
    let increments = |_: usize| {
        let store = Arc::clone(&store);
        async move {
            let mut conflicts = 0;
            for _ in 0..15 {
                loop {
                    let (old, version) = number(&load(&store, &["counter"]).await[0]);
                    match commit(&store, vec![put("counter", version, (old + 1).to_string())]).await {
                        Outcome::Committed => break,
                        Outcome::Conflict => conflicts += 1,
                    }
                }
            }
            conflicts
        }
    };
    let conflicts: u64 = together((0..16).map(increments)).await.into_iter().sum();
    assert_eq!(number(&load(&store, &["counter"]).await[0]).0, 16 * 15, "after {conflicts} conflicts");
}

/// What leaves one row arrives in another, and no reader ever sees it on the way.
pub async fn transfers_keep_the_sum(store: Arc<dyn Store>) {
    const ACCOUNTS: [&str; 8] = ["a/0", "a/1", "a/2", "a/3", "a/4", "a/5", "a/6", "a/7"];
    must(&store, ACCOUNTS.iter().map(|account| put(account, None, "100")).collect()).await;
    let transfers = |seed: u64| {
        let store = Arc::clone(&store);
        async move {
            let mut dice = Dice(seed);
            for _ in 0..30 {
                let from = dice.below(8);
                let to = (from + 1 + dice.below(7)) % 8;
                let names = [from, to].map(|account| ACCOUNTS[usize::try_from(account).expect("small")]);
                let rows = load(&store, &names).await;
                let ((source, source_version), (target, target_version)) =
                    (number(&rows[0]), number(&rows[1]));
                let amount = dice.below(source + 1);
                let writes = vec![
                    put(names[0], source_version, (source - amount).to_string()),
                    put(names[1], target_version, (target + amount).to_string()),
                ];
                let _ = commit(&store, writes).await;
            }
        }
    };
    let transfers = Running::start((0..8).map(transfers));
    loop {
        let last_round = transfers.is_over();
        let sum: u64 = load(&store, &ACCOUNTS).await.iter().map(|row| number(row).0).sum();
        assert_eq!(sum, 800);
        if last_round {
            break;
        }
    }
    transfers.join().await;
}

/// Two decisions read both rows and each writes the other one. Without checks both would hold.
pub async fn checks_keep_two_decisions_apart(store: Arc<dyn Store>) {
    for round in 0..50 {
        let names = [format!("{round}/left"), format!("{round}/right")];
        let decide = |mine: usize| {
            let (store, names) = (Arc::clone(&store), names.clone());
            async move {
                let rows = load(&store, &[&names[0], &names[1]]).await;
                if rows.iter().any(|row| row.value.is_some()) {
                    return Outcome::Conflict;
                }
                commit(&store, vec![put(&names[mine], None, "on"), check(&names[1 - mine], None)]).await
            }
        };
        let results = together([0, 1].map(decide)).await;
        let held = results.iter().filter(|outcome| **outcome == Outcome::Committed).count();
        assert_eq!(held, 1);
    }
}

/// Rows named in opposite orders are locked in one order: nobody waits for ever, and somebody always gets on.
pub async fn commits_that_cross_each_other_all_end(store: Arc<dyn Store>) {
    let crossing = |name: usize| {
        let store = Arc::clone(&store);
        async move {
            for _ in 0..20 {
                loop {
                    let rows = load(&store, &["a", "m", "z"]).await;
                    let mut writes: Vec<_> = rows
                        .iter()
                        .map(|row| {
                            let (old, version) = number(row);
                            put(&row.key, version, (old + 1).to_string())
                        })
                        .collect();
                    if name.is_multiple_of(2) {
                        writes.reverse();
                    }
                    if commit(&store, writes).await == Outcome::Committed {
                        break;
                    }
                }
            }
        }
    };
    let all = together((0..8).map(crossing));
    tokio::time::timeout(Duration::from_secs(60), all).await.expect("a deadlock");
    for row in load(&store, &["a", "m", "z"]).await {
        assert_eq!(number(&row).0, 8 * 20);
    }
}
