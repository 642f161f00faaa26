//! What the response did: evacuation (M09 to M11), borders (M12), information (M29), documents (M31), cost (M40), lag (M45).

use crate::engine::Counts;
use crate::engine::agents::State;
use crate::engine::counts::Incident;
use crate::engine::depart;
use crate::scenario::world::{Class, Given, World};

use super::metrics::{Facts, Value, quantile_bin, share};
use super::moves::arrived_by_group;

/// A capacity that is no limit.
const UNLIMITED: u32 = u32::MAX - 1;

fn total(values: impl IntoIterator<Item = u32>) -> f64 {
    values.into_iter().map(f64::from).sum()
}

/// M10_assisted (persons): granted by services that are assistance.
pub(super) fn assisted(facts: &Facts<'_>) -> Value {
    facts.people(&facts.total(|counts, group| counts.assisted[group]))
}

/// M09_p50 (days since onset): until half of all assisted departures had been made.
pub(super) fn assisted_half(facts: &Facts<'_>) -> Value {
    assisted_by(facts, 0.5)
}

/// M09_p90 (days since onset): until nine in ten of all assisted departures had been made.
pub(super) fn assisted_most(facts: &Facts<'_>) -> Value {
    assisted_by(facts, 0.9)
}

fn assisted_by(facts: &Facts<'_>, quantile: f64) -> Value {
    facts.for_each_cohort(|groups| {
        let daily = |counts: &Counts| total(groups.iter().map(|g| counts.assisted[*g]));
        let all: f64 = facts.outcome.days.iter().map(daily).sum();
        let mut so_far = 0.0;
        let day = facts.outcome.days.iter().position(|counts| {
            so_far += daily(counts);
            so_far >= quantile * all
        })?;
        (all > 0.0).then_some(day as f64 - facts.onset as f64)
    })
}

/// M09_wait (days): person-days in waiting over persons granted, by Little's law the mean wait.
pub(super) fn mean_wait(facts: &Facts<'_>) -> Value {
    let waited: f64 = facts.total(|counts, group| counts.in_state(group, State::Waiting)).iter().sum();
    Value::of(share(waited, total(facts.outcome.days.iter().flat_map(|c| c.granted.iter().copied()))))
}

/// M30 (share): of the person-days in waiting, those spent on news of waits that was no longer true.
pub(super) fn misled(facts: &Facts<'_>) -> Value {
    let misled = facts.total(|counts, group| counts.misled[group]);
    facts.ratio(1.0, &misled, &facts.total(|counts, group| counts.in_state(group, State::Waiting)))
}

/// M10 (share): of those who were assisted or still wait at the end, those assisted.
pub(super) fn demand_covered(facts: &Facts<'_>) -> Value {
    let assisted = facts.total(|counts, group| counts.assisted[group]);
    let waiting = |group| facts.last().map_or(0, |last| last.in_state(group, State::Waiting));
    let demand: Vec<f64> = assisted.iter().enumerate().map(|(g, assisted)| assisted + f64::from(waiting(g))).collect();
    facts.ratio(1.0, &assisted, &demand)
}

/// M11 (share): of the seats that assistance offered, those used.
pub(super) fn seat_use(facts: &Facts<'_>) -> Value {
    let (mut used, mut offered) = (0.0, 0.0);
    for (index, _) in facts.world.services.iter().enumerate().filter(|(_, s)| s.assistance) {
        let seats = facts.outcome.days.iter().map(|counts| counts.offered[index]);
        offered += total(seats.filter(|seats| *seats < UNLIMITED));
        used += total(facts.outcome.days.iter().map(|counts| counts.granted[index]));
    }
    Value::of(share(used, offered))
}

/// A place whose border crossing is limited: on each day those let through, those who wait there, and the limit.
struct LimitedCrossing {
    place: usize,
    days: Vec<(f64, f64, f64)>,
}

fn limited_crossings(facts: &Facts<'_>) -> Vec<LimitedCrossing> {
    let services = || facts.world.services.iter().enumerate().filter(|(_, s)| s.is_crossing());
    let mut places: Vec<usize> = services().flat_map(|(_, s)| s.boards.iter().map(|(place, _)| *place)).collect();
    places.sort_unstable();
    places.dedup();
    let crossing = |place: usize| {
        let here: Vec<usize> =
            services().filter(|(_, s)| s.boards.iter().any(|(board, _)| *board == place)).map(|(i, _)| i).collect();
        let days = facts.outcome.days.iter().map(|counts| {
            let limits = here.iter().map(|i| counts.offered[*i]);
            let limit = total(limits.filter(|limit| *limit < UNLIMITED));
            (total(here.iter().map(|i| counts.granted[*i])), f64::from(counts.waiting[place]), limit)
        });
        LimitedCrossing { place, days: days.collect() }
    };
    places.into_iter().map(crossing).collect()
}

/// M12_queue (persons): most people who waited at one limited border crossing, with the date and its name.
pub(super) fn crossing_queue(facts: &Facts<'_>) -> Value {
    let mut worst: Option<(f64, usize, usize)> = None;
    for crossing in limited_crossings(facts) {
        for (day, (_, waiting, _)) in crossing.days.iter().enumerate() {
            if worst.is_none_or(|(most, ..)| *waiting > most) {
                worst = Some((*waiting, day, crossing.place));
            }
        }
    }
    let Some((most, day, place)) = worst else { return Value::default() };
    let value = Value::of(Some(most * facts.scale));
    if most > 0.0 { value.with_note(facts.when_and_where(day, place)) } else { value }
}

/// M12_wait_p50 (days): median wait of those let through at limited border crossings.
pub(super) fn crossing_wait_median(facts: &Facts<'_>) -> Value {
    Value::of(wait_quantile(&limited_crossings(facts), 0.5))
}

/// M12_wait_p90 (days): likewise what one in ten exceeds.
pub(super) fn crossing_wait_p90(facts: &Facts<'_>) -> Value {
    Value::of(wait_quantile(&limited_crossings(facts), 0.9))
}

/// Quantile over persons of the wait in days, as if all who wait at a crossing passed it first in, first out: person n of
/// those let through by day t joined on the first day s on which those let through and those waiting came to n.
fn wait_quantile(crossings: &[LimitedCrossing], quantile: f64) -> Option<f64> {
    let mut waits: Vec<f64> = Vec::new();
    for crossing in crossings {
        let (mut joined, mut through, mut most) = (Vec::new(), 0.0, 0.0f64);
        for (granted, waiting, _) in &crossing.days {
            through += granted;
            most = most.max(through + waiting);
            joined.push(most);
        }
        let (mut since, mut served) = (0, 0.0);
        for (day, (granted, ..)) in crossing.days.iter().enumerate() {
            let end = served + granted;
            while served < end && since <= day {
                let next = joined[since].min(end);
                if next > served {
                    let wait = day - since;
                    waits.resize(waits.len().max(wait + 1), 0.0);
                    waits[wait] += next - served;
                    served = next;
                }
                if joined[since] < end {
                    since += 1;
                } else {
                    break;
                }
            }
        }
    }
    quantile_bin(&waits, quantile).map(|days| days as f64)
}

/// M12_refusals (refusals): turned back at a border; each attempt of each person counts.
pub(super) fn refusals(facts: &Facts<'_>) -> Value {
    facts.people(&facts.incidents(Incident::Refusal))
}

/// M12_utilisation (share): of the busiest limited border crossing, what came over what it could let through.
pub(super) fn crossing_utilisation(facts: &Facts<'_>) -> Value {
    let mut busiest: Option<(f64, usize)> = None;
    for crossing in limited_crossings(facts) {
        let limited = || crossing.days.iter().filter(|(.., limit)| *limit > 0.0);
        let came = limited().map(|(granted, ..)| granted).sum::<f64>() + crossing.days.last().map_or(0.0, |day| day.1);
        if let Some(use_) = share(came, limited().map(|(.., limit)| limit).sum())
            && busiest.is_none_or(|(most, _)| use_ > most)
        {
            busiest = Some((use_, crossing.place));
        }
    }
    let Some((use_, place)) = busiest else { return Value::default() };
    Value::of(Some(use_)).with_note(facts.world.places[place].name.clone())
}

/// M29 (share): who has understood what is happening a week after onset.
pub(super) fn informed(facts: &Facts<'_>) -> Value {
    facts.for_each_cohort(|groups| informed_share(facts, groups, facts.onset + 7))
}

/// M29_lag (days since onset): until half have understood; none: not in the run.
pub(super) fn information_lag(facts: &Facts<'_>) -> Value {
    facts.for_each_cohort(|groups| {
        let half = |day: &usize| informed_share(facts, groups, *day).is_some_and(|known| known >= 0.5);
        (0..facts.outcome.days.len()).find(half).map(|day| day as f64 - facts.onset as f64)
    })
}

fn informed_share(facts: &Facts<'_>, groups: &[usize], day: usize) -> Option<f64> {
    let day = day.min(usize::from(u16::MAX)) as u16;
    let known = |g: &usize| {
        let group = &facts.world.groups[*g];
        facts.population[*g] * depart::informed(day, group.info_day, group.info_width)
    };
    share(groups.iter().map(known).sum(), groups.iter().map(|g| facts.population[*g]).sum())
}

/// M31 (share): who holds travel documents, those issued in the run included. By group at the start only.
pub(super) fn documented(facts: &Facts<'_>) -> Value {
    let persons = held_by_group(facts.world, |_| true);
    let holders = held_by_group(facts.world, |class| class.documents);
    let issued = issued(facts);
    let mut value = facts.ratio(1.0, &holders, &persons);
    value.overall = share(holders.iter().sum::<f64>() + issued, persons.iter().sum());
    value.with_note("by group: at the start".to_owned())
}

/// Simulated persons at the start, by group, whose class is such.
pub(crate) fn held_by_group(world: &World, such: impl Fn(&Class) -> bool) -> Vec<f64> {
    let mut persons = vec![0.0; world.groups.len()];
    for cell in world.cells.iter().chain(&world.displaced) {
        let class = &world.classes[cell.class];
        if such(class) {
            persons[class.group] += f64::from(cell.persons);
        }
    }
    persons
}

/// M36 (share): of those who have come home, who has been supported there.
pub(super) fn reintegration(facts: &Facts<'_>) -> Value {
    facts.ratio(1.0, &facts.total(|counts, group| counts.received[group]), &arrived_by_group(facts))
}

/// M31_issued (persons): served at desks that issue travel documents.
pub(super) fn documents_issued(facts: &Facts<'_>) -> Value {
    Value::of(Some(issued(facts) * facts.scale))
}

fn issued(facts: &Facts<'_>) -> f64 {
    let desks = facts.world.desks.iter().enumerate().filter(|(_, desk)| desk.gives == Given::Documents);
    desks.map(|(index, _)| total(facts.outcome.days.iter().map(|counts| counts.served[index]))).sum()
}

/// M40 (USD): what assistance, desks and shelters cost. None where no cost is stated.
pub(super) fn cost(facts: &Facts<'_>) -> Value {
    Value::of(total_cost(facts))
}

/// M40_per_person (USD per person): cost over persons granted assistance or served at desks.
pub(super) fn cost_per_person(facts: &Facts<'_>) -> Value {
    let days = &facts.outcome.days;
    let reached = total(days.iter().flat_map(|c| c.assisted.iter().chain(&c.served).copied())) * facts.scale;
    Value::of(total_cost(facts).and_then(|cost| share(cost, reached)))
}

fn total_cost(facts: &Facts<'_>) -> Option<f64> {
    let (world, days) = (facts.world, &facts.outcome.days);
    let granted = |index: usize| total(days.iter().map(|counts| counts.granted[index])) * facts.scale;
    let served = |index: usize| total(days.iter().map(|counts| counts.served[index])) * facts.scale;
    let services = world.services.iter().enumerate().filter(|(_, s)| s.assistance);
    let offered = |index: usize| days.iter().any(|counts| counts.offered[index] > 0);
    let fixed = |index: usize| if offered(index) { world.services[index].cost_fixed } else { 0.0 };
    let services: f64 = services.map(|(i, s)| fixed(i) + s.cost_per_person * granted(i)).sum();
    let desks: f64 = world.desks.iter().enumerate().map(|(i, d)| d.cost_per_person * served(i)).sum();
    let shelters = world
        .shelters
        .iter()
        .enumerate()
        .map(|(i, s)| s.cost_per_place_day * total(days.iter().map(|counts| counts.shelter_open[i])) * facts.scale);
    let others: f64 = days.iter().map(|counts| (counts.fixed_usd + counts.care_usd) as f64).sum();
    let cost = services + desks + shelters.sum::<f64>() + others;
    (cost > 0.0).then_some(cost)
}

/// M43 (share): how far what triggers saw lay off the truth. None where no trigger counts people.
pub(super) fn tracking_error(facts: &Facts<'_>) -> Value {
    Value::of(facts.outcome.tracking_error)
}

/// M45 (days since onset): until the first person is assisted, or served at a desk.
pub(super) fn lag(facts: &Facts<'_>) -> Value {
    let helped = |counts: &Counts| counts.assisted.iter().chain(&counts.served).any(|persons| *persons > 0);
    let first = facts.outcome.days.iter().position(helped);
    Value::of(first.map(|day| day as f64 - facts.onset as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_that_is_let_through_in_turn_has_known_waits() {
        // 30 come on day 0 and 10 are let through a day: ten wait 0, ten 1, ten 2 days.
        let days = vec![(10.0, 20.0, 10.0), (10.0, 10.0, 10.0), (10.0, 0.0, 10.0)];
        let crossings = [LimitedCrossing { place: 0, days }];
        assert_eq!(wait_quantile(&crossings, 0.3), Some(0.0));
        assert_eq!(wait_quantile(&crossings, 0.5), Some(1.0));
        assert_eq!(wait_quantile(&crossings, 0.9), Some(2.0));
        assert_eq!(wait_quantile(&[], 0.5), None);
    }
}
