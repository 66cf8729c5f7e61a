//! Numbers that stand for elements of lists: records and names refer to each other by them.

/// No element.
pub(super) const NONE: u32 = u32::MAX;

/// An element by its number.
pub(super) fn at<T>(list: &[T], number: u32) -> Option<&T> {
    list.get(usize::try_from(number).ok()?)
}

pub(super) fn at_mut<T>(list: &mut [T], number: u32) -> Option<&mut T> {
    list.get_mut(usize::try_from(number).ok()?)
}

/// The number that the next element of a list has.
pub(super) fn next<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(NONE)
}
