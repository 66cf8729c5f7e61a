//! Which regions an address lies in: elementary ranges, sorted, and one binary search.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::IpAddr;

use super::access::{Access, Network};

/// Where each range begins, and the access policies whose regions hold it, by number.
type Ranges<A> = Box<[(A, Box<[u32]>)]>;

/// The regions of a policy.
#[derive(Debug, Clone, Default)]
pub(in crate::entitlement) struct Regions {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
}

impl Regions {
    pub(in crate::entitlement) fn of(access: &Access) -> Self {
        let networks = |is_v4: bool| {
            let policies = (0_u32..).zip(&access.policies);
            let named = policies.flat_map(|(number, policy)| {
                policy.regions.iter().flatten().map(move |region| (number, region))
            });
            let networks =
                named.filter_map(|(number, region)| Some((number, super::find(&access.regions, region)?)));
            let each = networks.flat_map(|(number, list)| list.iter().map(move |network| (number, network)));
            each.filter(|(_, network)| network.address.is_ipv4() == is_v4)
                .map(|(number, network)| (number, bounds(network)))
                .collect::<Vec<_>>()
        };
        let v4 = ranges(&networks(true)).into_iter();
        let v4 = v4.filter_map(|(from, policies)| Some((u32::try_from(from).ok()?, policies)));
        Self { v4: v4.collect(), v6: ranges(&networks(false)).into() }
    }

    /// The access policies whose regions hold an address, in order.
    pub(in crate::entitlement) fn holding(&self, address: IpAddr) -> &[u32] {
        match address {
            IpAddr::V4(address) => search(&self.v4, address.to_bits()),
            IpAddr::V6(address) => search(&self.v6, address.to_bits()),
        }
    }
}

fn search<A: Ord + Copy>(ranges: &[(A, Box<[u32]>)], address: A) -> &[u32] {
    let behind = ranges.partition_point(|(from, _)| *from <= address);
    behind.checked_sub(1).and_then(|at| ranges.get(at)).map_or(&[], |(_, policies)| policies)
}

/// First and last address.
fn bounds(network: &Network) -> (u128, u128) {
    let (first, bits) = match network.address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32_u32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let hosts = bits.saturating_sub(network.prefix);
    let rest = 1_u128.checked_shl(hosts).map_or(u128::MAX, |size| size.saturating_sub(1));
    (first, first | rest)
}

fn ranges(networks: &[(u32, (u128, u128))]) -> Vec<(u128, Box<[u32]>)> {
    // What begins and what ends at each address; many regions of one policy may hold the same one.
    let mut edges: BTreeMap<u128, Vec<(u32, bool)>> = BTreeMap::new();
    for (number, (first, last)) in networks {
        edges.entry(*first).or_default().push((*number, true));
        if let Some(behind) = last.checked_add(1) {
            edges.entry(behind).or_default().push((*number, false));
        }
    }
    let mut open: BTreeMap<u32, u32> = BTreeMap::new();
    let mut found = Vec::with_capacity(edges.len());
    for (from, changes) in edges {
        for (number, begins) in changes {
            let count = open.entry(number).or_default();
            *count = if begins { count.saturating_add(1) } else { count.saturating_sub(1) };
        }
        open.retain(|_, count| *count > 0);
        found.push((from, open.keys().copied().collect()));
    }
    found
}
