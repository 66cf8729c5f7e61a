//! Whether the wall clock may be believed: it has neither stepped nor run away from the monotonic clock for a while.
//!
//! A machine boots with a clock that is hours ahead, a guest is moved, somebody sets the time. Whatever is deleted by such
//! a clock is gone for good: a replay row, say, whose signed bytes are fresh again once the clock is right.

/// So long both clocks must have agreed, on the monotonic one, milliseconds. A process that has just begun waits as long:
/// it cannot know what was before.
const AGREED_MS: u64 = 10 * 60 * 1_000;

/// A greater distance is a step: what a disciplined clock is corrected by in ten minutes is far below.
const TOLERANCE_MS: u64 = 2_000;

/// The last time at which the clocks were found to disagree.
#[derive(Debug, Default)]
pub(super) struct Agreement {
    /// Both clocks when the present agreement began.
    since: Option<(u64, u64)>,
}

impl Agreement {
    /// Looks at both clocks. To be called every second or so, and before each use of the wall clock's word.
    pub(super) fn holds(&mut self, now: u64, monotonic: u64) -> bool {
        let Some((wall_then, then)) = self.since else {
            self.since = Some((now, monotonic));
            return false;
        };
        let passed = monotonic.saturating_sub(then);
        if wall_then.saturating_add(passed).abs_diff(now) > TOLERANCE_MS {
            self.since = Some((now, monotonic));
            return false;
        }
        passed >= AGREED_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u64 = 1_789_000_000_000;

    /// Both clocks run for so many seconds, looked at every second.
    fn run(agreement: &mut Agreement, wall: &mut u64, monotonic: &mut u64, seconds: u64) -> bool {
        let mut holds = false;
        for _ in 0..seconds {
            (*wall, *monotonic) = (*wall + 1_000, *monotonic + 1_000);
            holds = agreement.holds(*wall, *monotonic);
        }
        holds
    }

    #[test]
    fn the_wall_clock_is_believed_after_ten_minutes_without_a_step() {
        let (mut agreement, mut wall, mut monotonic) = (Agreement::default(), NOON, 0);
        assert!(!run(&mut agreement, &mut wall, &mut monotonic, 600));
        assert!(run(&mut agreement, &mut wall, &mut monotonic, 2));
        for step in [3 * 3_600_000_i64, -3_600_000, 10_000, -10_000] {
            wall = wall.saturating_add_signed(step);
            assert!(!run(&mut agreement, &mut wall, &mut monotonic, 1), "after a step of {step} ms");
            assert!(!run(&mut agreement, &mut wall, &mut monotonic, 599), "{step}");
            assert!(run(&mut agreement, &mut wall, &mut monotonic, 2), "{step}");
        }
    }

    #[test]
    fn a_step_that_is_taken_back_is_two_steps() {
        let (mut agreement, mut wall, mut monotonic) = (Agreement::default(), NOON, 0);
        run(&mut agreement, &mut wall, &mut monotonic, 700);
        wall += 3 * 3_600_000;
        run(&mut agreement, &mut wall, &mut monotonic, 5);
        wall -= 3 * 3_600_000;
        assert!(!run(&mut agreement, &mut wall, &mut monotonic, 599));
        assert!(run(&mut agreement, &mut wall, &mut monotonic, 3));
    }

    #[test]
    fn a_clock_that_is_corrected_slowly_is_believed() {
        let (mut agreement, mut wall, mut monotonic) = (Agreement::default(), NOON, 0);
        for _ in 0..700 {
            wall += 1; // a thousandth too fast
            run(&mut agreement, &mut wall, &mut monotonic, 1);
        }
        assert!(run(&mut agreement, &mut wall, &mut monotonic, 1));
    }
}
