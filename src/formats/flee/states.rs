//! What every place is on each day by Flee's rules: its kind, its chance of being left, its conflict; and which links are closed.

use super::{Closing, FleeCase, LocationType};

/// What a place is on some day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct State {
    /// A camp of either kind.
    pub camp: bool,
    /// Flee's flag `town`: people with little travel behind them are forced on from here.
    pub town: bool,
    /// Passed through.
    pub marker: bool,
    /// Daily chance of being left.
    pub chance: f64,
    /// Intensity of conflict; 0: none.
    pub conflict: f64,
    /// Day from which the age of the conflict counts.
    pub onset: i32,
}

/// The state of all places on each day of a case, `days` long.
pub(super) fn states(case: &FleeCase, days: u32) -> Vec<Vec<State>> {
    let moves = &case.settings.moves;
    let of_kind = |kind: LocationType| {
        let chance = match kind {
            LocationType::Camp => moves.camp_movechance,
            LocationType::IdpCamp => moves.idpcamp_movechance,
            LocationType::Conflict => moves.conflict_movechance,
            LocationType::Town | LocationType::FloodZone => moves.default_movechance,
            LocationType::Forward | LocationType::Marker => 1.0,
        };
        let camp = kind.is_camp() || (chance < 0.005 && kind != LocationType::FloodZone);
        let (town, marker) = (kind == LocationType::Town, kind == LocationType::Marker);
        State { camp, town, marker, chance, conflict: 0.0, onset: -1 }
    };
    let mut now: Vec<State> = case.locations.iter().map(|place| of_kind(place.kind)).collect();
    let changes = case.conflict_changes(days);
    let mut changes = changes.iter().peekable();
    let mut by_day = Vec::with_capacity(days as usize);
    for day in 0..days {
        for change in case.location_changes.iter().filter(|change| change.day == i64::from(day)) {
            let onset = now[change.location].onset;
            now[change.location] = State { onset, ..of_kind(change.kind) };
        }
        while let Some(change) = changes.next_if(|change| change.day <= day) {
            let state = &mut now[change.location];
            state.conflict = change.intensity;
            state.onset = change.onset;
            if change.intensity > 0.0 {
                state.chance = moves.conflict_movechance;
                state.town = false;
            } else if !change.by_type {
                state.chance = moves.default_movechance;
                state.town = true;
            }
        }
        for closure in &case.closures {
            let opened = match closure.what {
                Closing::Camp(place) => (place, LocationType::Camp),
                Closing::IdpCamp(place) => (place, LocationType::IdpCamp),
                _ => continue,
            };
            for (when, kind) in [(closure.start, LocationType::Town), (closure.end, opened.1)] {
                if when == i64::from(day) {
                    now[opened.0] = State { onset: now[opened.0].onset, ..of_kind(kind) };
                }
            }
        }
        by_day.push(now.clone());
    }
    by_day
}

/// Periods (first and last day) in which each of `links` is closed.
pub(super) fn closed(case: &FleeCase, links: &[super::Link], days: u32) -> Vec<(usize, u32, u32)> {
    let mut since: Vec<Option<u32>> = vec![None; links.len()];
    let mut periods = Vec::new();
    let country = |place: usize| case.locations[place].country.as_str();
    for day in 0..days {
        for closure in &case.closures {
            let hit = |link: &super::Link| match &closure.what {
                Closing::Country(a, b) => {
                    let ends = (country(link.from), country(link.to));
                    ends == (a, b) || ends == (b, a)
                }
                Closing::Location(place) => link.from == *place || link.to == *place,
                _ => false,
            };
            for (when, closes) in [(closure.start, true), (closure.end, false)] {
                if when != i64::from(day) {
                    continue;
                }
                for (index, _) in links.iter().enumerate().filter(|(_, link)| hit(link)) {
                    if closes {
                        since[index].get_or_insert(day);
                    } else if let Some(start) = since[index].take()
                        && start < day
                    {
                        periods.push((index, start, day - 1));
                    }
                }
            }
        }
    }
    for (index, start) in since.iter().enumerate() {
        periods.extend(start.map(|start| (index, start, days)));
    }
    periods
}
