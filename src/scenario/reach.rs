//! Who has a way home at all, capacities and dates left aside: what `corridor check` tells before anything is run.

use std::collections::BTreeMap;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, Reversed, Walker};

use super::scenario::{Access, Aim, Destination, GroupRow, Rule, Scenario, Strategy};

/// Persons of one group at one place who cannot reach the home of the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoWayHome {
    /// Group id.
    pub group: String,
    /// Location id where they are.
    pub place: String,
    /// Location id of their home.
    pub home: String,
    /// Persons.
    pub persons: u64,
}

/// What reachability says about a scenario under one strategy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Populated pairs of group and place without a way home, in file order.
    pub no_way_home: Vec<NoWayHome>,
    /// Location ids that nobody can reach from any populated place, nor lives at, in file order.
    pub unreachable: Vec<String>,
}

/// Follows routes that are free, and services of `strategy`, for each group in turn. A link counts as barred only where a policy
/// closes it to the group, or refuses all of it, from the first to the last day; capacities, dates, documents and fees are ignored.
/// Where departures are given as a series, people may start at every place in conflict.
pub fn reach(scenario: &Scenario, strategy: &Strategy) -> Reach {
    let country: BTreeMap<&str, &str> =
        scenario.locations.iter().map(|row| (row.id.as_str(), row.country.as_str())).collect();
    let mut reached = vec![false; scenario.locations.len()];
    let mut result = Reach::default();
    for group in &scenario.groups {
        let (network, nodes) = network(scenario, strategy, group, &country);
        let home = group.home.as_ref().filter(|_| group.aim == Aim::Home);
        let mut leads_home = vec![false; nodes.len()];
        if let Some(home) = home.and_then(|home| nodes.get(home.as_str())) {
            let backwards = Reversed(&network);
            Dfs::new(backwards, *home).iter(backwards).for_each(|node| leads_home[node.index()] = true);
        }
        let mut starts: Vec<NodeIndex> = Vec::new();
        for row in scenario.populations.iter().filter(|row| row.group == group.id && row.persons > 0) {
            let Some(start) = nodes.get(row.place.as_str()).copied() else { continue };
            starts.push(start);
            if let Some(home) = home.filter(|_| !leads_home[start.index()]) {
                result.no_way_home.push(NoWayHome {
                    group: group.id.clone(),
                    place: row.place.clone(),
                    home: home.clone(),
                    persons: row.persons,
                });
            }
        }
        if !scenario.departures.is_empty() {
            let struck =
                |place: &str, of: &str| place == "all" || of == place || country.get(of).is_some_and(|c| *c == place);
            let places = scenario
                .locations
                .iter()
                .filter(|row| scenario.shocks.iter().any(|shock| struck(&shock.place, &row.id)));
            starts.extend(places.filter_map(|row| nodes.get(row.id.as_str())));
        }
        let mut search = Dfs::empty(&network);
        for start in starts {
            search.move_to(start);
            while let Some(node) = search.next(&network) {
                reached[node.index()] = true;
            }
        }
    }
    let left_out = scenario.locations.iter().zip(&reached).filter(|(_, reached)| !**reached);
    result.unreachable = left_out.map(|(row, _)| row.id.clone()).collect();
    result
}

/// Places and the links that `group` can ever use; nodes are in the order of `locations.csv`.
fn network<'a>(
    scenario: &'a Scenario,
    strategy: &Strategy,
    group: &GroupRow,
    country: &BTreeMap<&str, &str>,
) -> (DiGraph<(), ()>, BTreeMap<&'a str, NodeIndex>) {
    let mut network = DiGraph::new();
    let nodes: BTreeMap<&str, NodeIndex> =
        scenario.locations.iter().map(|row| (row.id.as_str(), network.add_node(()))).collect();
    let whole = |start, end| start <= scenario.header.start && end >= scenario.header.end;
    let barring: Vec<_> = scenario
        .policies
        .iter()
        .filter(|row| whole(row.start, row.end) && row.groups.includes(&group.id))
        .filter(|row| row.rule == Rule::Closed || (row.rule == Rule::Refuse && row.share >= 1.0))
        .collect();
    let is = |named: &str, place: &str| named == place || country.get(place).is_some_and(|c| *c == named);
    let crosses = |a: &str, b: &str| country.get(a) != country.get(b);
    let barred = |from: &str, to: &str| {
        barring.iter().any(|row| {
            let between = |a: &str, b: &str| {
                let by_country = row.from != a || row.to != b;
                is(&row.from, a) && is(&row.to, b) && (!by_country || crosses(a, b))
            };
            between(from, to) || (row.rule == Rule::Closed && between(to, from))
        })
    };
    let mut join = |from: &str, to: &str| {
        if let (Some(a), Some(b)) = (nodes.get(from), nodes.get(to))
            && !barred(from, to)
        {
            network.add_edge(*a, *b, ());
        }
    };
    for row in scenario.routes.iter().filter(|row| row.access == Access::Free) {
        join(&row.from, &row.to);
        if row.two_way {
            join(&row.to, &row.from);
        }
    }
    for row in strategy.services.iter().filter(|row| row.groups.includes(&group.id) && row.persons_per_day > 0.0) {
        let to = match (&row.to, &group.home) {
            (Destination::Place(place), _) => place,
            (Destination::Home, Some(home)) => home,
            (Destination::Home, None) => continue,
        };
        for from in row.pickup.iter().chain([&row.from]) {
            join(from, to);
        }
    }
    (network, nodes)
}
