//! Savings: the money of those who have left their homes, and whether it pays for the way (M28).

use petgraph::algo::dijkstra;
use petgraph::graph::NodeIndex;
use petgraph::visit::{EdgeRef, Reversed};

use crate::engine::Run;
use crate::engine::agents::State;
use crate::scenario::world::{Aim, Service, World};

use super::metrics::{Facts, Value, share};

/// Money of the people of one group at the end of a run, in USD of simulated persons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Savings {
    /// What those who have left their homes, the dead left out, set out with or were given.
    pub had: u64,
    /// What they have left.
    pub left: u64,
    /// Persons who wait.
    pub waiting: u64,
    /// Of those, persons who have less than the cheapest way home costs, by own means or with a ticket.
    pub short: u64,
}

/// Savings by group, of all who have left as they are at the end of `run`.
pub fn at_end(world: &World, run: &Run<'_>) -> Vec<Savings> {
    let mut savings = vec![Savings::default(); world.groups.len()];
    if world.classes.iter().all(|class| class.money == 0 && class.aim == Aim::Safety) {
        return savings;
    }
    let agents = run.agents();
    for (index, class) in world.classes.iter().enumerate() {
        // Those who are counted together have paid nothing: else money would tell them apart.
        let money = u64::from(run.counted_together(index)) * u64::from(class.money);
        savings[class.group].had += money;
        savings[class.group].left += money;
    }
    let mut fares: Vec<Option<Vec<u64>>> = vec![None; world.groups.len()];
    for row in (0..agents.len()).filter(|row| agents.state(*row) != State::Dead) {
        let class = &world.classes[usize::from(agents.class[row])];
        let persons = u64::from(world.size(agents.composition[row]));
        let (money, place) = (u64::from(agents.money[row]), usize::from(agents.place[row]));
        let of = &mut savings[class.group];
        of.had += persons * u64::from(class.money);
        of.left += persons * money.min(u64::from(class.money));
        if let (State::Waiting, Aim::Home(home)) = (agents.state(row), class.aim) {
            of.waiting += persons;
            // Nobody is short of money for a way that there is not.
            let fare = fares[class.group].get_or_insert_with(|| cheapest(world, class.group, home))[place];
            of.short += if money < fare && fare < u64::MAX { persons } else { 0 };
        }
    }
    savings
}

/// By place: USD of the cheapest way of `group` to `home` by own means or with tickets, whatever the dates and rules; `u64::MAX`: there
/// is none.
fn cheapest(world: &World, group: usize, home: usize) -> Vec<u64> {
    // What nobody can buy costs more than all that can be bought.
    const NOT_SOLD: u64 = 1 << 40;
    let sold = |service: &Service| {
        let alone = |class: usize| world.classes[class].group == group && !world.classes[class].supported;
        !service.is_crossing() && !service.assistance && service.eligible.iter().any(alone)
    };
    let tickets: Vec<&Service> = world.services.iter().filter(|service| sold(service)).collect();
    let fare = |link: usize| {
        let own = world.links[link].free.then_some(world.links[link].fee);
        let seats = tickets.iter().filter(|service| service.links[group] == Some(link)).map(|service| service.fee);
        own.into_iter().chain(seats).min().map_or(NOT_SOLD, u64::from)
    };
    let fares = dijkstra(Reversed(&world.network), NodeIndex::new(home), None, |edge| fare(*edge.weight()));
    let of = |place: usize| fares.get(&NodeIndex::new(place)).copied().filter(|fare| *fare < NOT_SOLD);
    (0..world.places.len()).map(|place| of(place).unwrap_or(u64::MAX)).collect()
}

fn sum(facts: &Facts<'_>, groups: &[usize], of: impl Fn(&Savings) -> u64) -> f64 {
    groups.iter().map(|group| of(&facts.outcome.savings[*group]) as f64).sum()
}

/// M28 (share): of the money that those who have left had, what they have paid or lost.
pub(super) fn spent(facts: &Facts<'_>) -> Value {
    facts.for_each_cohort(|groups| {
        let had = sum(facts, groups, |s| s.had);
        share(had - sum(facts, groups, |s| s.left), had)
    })
}

/// M28_short (share): of those who wait at the end, those who cannot pay the cheapest way home.
pub(super) fn short_of_fare(facts: &Facts<'_>) -> Value {
    facts.for_each_cohort(|groups| share(sum(facts, groups, |s| s.short), sum(facts, groups, |s| s.waiting)))
}
