//! Observations: the figure of a run that answers to a figure of the record, by place, measure and group.

use crate::scenario::scenario::{Measure, ObservedGroup};
use crate::scenario::world::{Aim, World};

use super::Outcome;

/// What an observation is about, with names resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observable {
    /// What is measured.
    pub measure: Measure,
    /// Whom it counts.
    pub group: ObservedGroup,
    /// Where.
    pub spot: Spot,
}

/// Where something is observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// Everywhere.
    Total,
    /// A country, index into `World::countries`.
    Country(usize),
    /// A place, index into `World::places`.
    Place(usize),
}

impl Spot {
    /// The spot that `name` means in `world`: `TOTAL`, a place id, or a country.
    pub fn named(world: &World, name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("TOTAL") {
            return Some(Spot::Total);
        }
        let place = world.places.iter().position(|p| p.id == name).map(Spot::Place);
        place.or_else(|| world.countries.iter().position(|c| c == name).map(Spot::Country))
    }

    fn holds(self, world: &World, place: usize) -> bool {
        match self {
            Spot::Total => true,
            Spot::Country(country) => world.places[place].country == country,
            Spot::Place(spot) => spot == place,
        }
    }
}

impl Observable {
    /// The figure of every day of `outcome`, in people.
    pub fn series(&self, world: &World, outcome: &Outcome) -> Vec<f64> {
        let daily = self.daily(world, outcome);
        let scale = f64::from(world.scale);
        let cumulative = matches!(
            self.measure,
            Measure::ArrivalsCumulative | Measure::DeparturesCumulative | Measure::AssistedCumulative
        );
        let mut sum = 0u64;
        daily
            .into_iter()
            .map(|persons| {
                sum += persons;
                scale * if cumulative { sum as f64 } else { persons as f64 }
            })
            .collect()
    }

    fn daily(&self, world: &World, outcome: &Outcome) -> Vec<u64> {
        let groups = world.groups.len();
        let members: Vec<bool> = (0..groups).map(|g| self.counts_group(world, g, None)).collect();
        let chosen = |values: &[u32], stride: usize, index: usize, members: &[bool]| -> u64 {
            values[index * stride..(index + 1) * stride]
                .iter()
                .zip(members)
                .filter(|(_, member)| **member)
                .map(|(persons, _)| u64::from(*persons))
                .sum()
        };
        let days = outcome.days.iter();
        let received: Vec<Vec<bool>> = (0..world.countries.len())
            .map(|country| (0..groups).map(|g| self.counts_group(world, g, Some(country))).collect())
            .collect();
        match self.measure {
            Measure::ArrivalsCumulative | Measure::ArrivalsDaily => days
                .map(|counts| {
                    let mut sum = 0;
                    for (border, link) in counts.border_links.iter().enumerate() {
                        let to = world.links[*link].to;
                        if world.links[*link].border && self.spot.holds(world, to) {
                            sum += chosen(&counts.crossed, groups, border, &received[world.places[to].country]);
                        }
                    }
                    for (flow, (out, _)) in world.flows.iter().zip(&counts.flow) {
                        if self.counts_flow(&flow.nationality) && self.spot.holds(world, world.links[flow.link].to) {
                            sum += u64::from(*out);
                        }
                    }
                    sum
                })
                .collect(),
            Measure::Present => days
                .map(|counts| {
                    (0..world.places.len())
                        .filter(|place| self.spot.holds(world, *place))
                        .map(|place| chosen(&counts.present, groups, place, &members))
                        .sum()
                })
                .collect(),
            Measure::DeparturesCumulative => days
                .map(|counts| match (self.spot, &self.group) {
                    (Spot::Place(place), ObservedGroup::All | ObservedGroup::Migrants) => {
                        u64::from(counts.departed[place])
                    }
                    _ => counts
                        .border_links
                        .iter()
                        .enumerate()
                        .filter(|(_, link)| self.leaves(world, **link))
                        .map(|(border, _)| chosen(&counts.crossed, groups, border, &members))
                        .sum(),
                })
                .collect(),
            Measure::AssistedCumulative => days
                .map(|counts| match self.spot {
                    Spot::Total => chosen(&counts.assisted, groups, 0, &members),
                    _ => (0..world.places.len())
                        .filter(|place| self.spot.holds(world, *place))
                        .map(|place| u64::from(counts.assisted_at[place]))
                        .sum(),
                })
                .collect(),
        }
    }

    /// Whether `link` leads out of where departures are observed: for `TOTAL` out of the country of the crisis.
    fn leaves(&self, world: &World, link: usize) -> bool {
        let (from, to) = (world.links[link].from, world.links[link].to);
        match self.spot {
            Spot::Total => !world.places[from].foreign && world.places[to].foreign,
            Spot::Country(country) => world.places[from].country == country && world.places[to].country != country,
            Spot::Place(place) => from == place,
        }
    }

    /// Whether people of `group` count; `country` is the receiving one, for third-country nationals.
    fn counts_group(&self, world: &World, group: usize, country: Option<usize>) -> bool {
        match &self.group {
            ObservedGroup::All | ObservedGroup::Migrants => true,
            ObservedGroup::Tcn => country.is_none_or(|country| !is_national(world, group, country)),
            ObservedGroup::Flow(_) => false,
            ObservedGroup::Nationality(nationality) => {
                world.groups[group].nationality == *nationality || world.groups[group].id == *nationality
            }
        }
    }

    fn counts_flow(&self, nationality: &str) -> bool {
        match &self.group {
            ObservedGroup::All => true,
            ObservedGroup::Flow(of) | ObservedGroup::Nationality(of) => of == nationality,
            ObservedGroup::Migrants | ObservedGroup::Tcn => false,
        }
    }
}

/// Whether `country` is that of the group's nationality, or where it goes home.
fn is_national(world: &World, group: usize, country: usize) -> bool {
    world.groups[group].nationality == world.countries[country]
        || world.classes.iter().filter(|c| c.group == group).any(|c| match c.aim {
            Aim::Home(home) => world.places[home].country == country,
            Aim::Refuge | Aim::Safety => false,
        })
}
