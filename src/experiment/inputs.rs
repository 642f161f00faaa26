//! Numbers that the files state with a range (`low`, `high`) are not known exactly: each replication draws them within it, alike
//! under every strategy.
//!
//! The law has its peak and its mean at the number itself, so that draws lean to neither side of what the parameters were set with: with
//! the chance `p = (high - value) / (high - low)` a draw lies below it, at `low + (value - low) sqrt(u / p)`, else above, at
//! `high - (high - value) sqrt((1 - u) / (1 - p))`, for a uniform `u`. A number at an end of its range stays there.
//!
//! All rows about one thing (the same border, the same seats of one actor) share one `u`, so they err to the same side: who has
//! counted too many once has mostly done so again, and a period that a table cuts in two is as uncertain as before.

use crate::engine::draws::Draws;
use crate::scenario::Scenario;
use crate::scenario::build::{Options, build};
use crate::scenario::parameters::info;
use crate::scenario::scenario::{Destination, GroupsCell, Rule};
use crate::scenario::world::World;

/// A number with its range.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stated {
    value: f64,
    low: f64,
    high: f64,
}

impl Stated {
    /// `None` where no range is stated, or where the number stands at an end of it.
    fn new(value: f64, low: Option<f64>, high: Option<f64>) -> Option<Self> {
        let (low, high) = (low?, high?);
        (low < value && value < high).then_some(Self { value, low, high })
    }

    /// The number below which the law lies with the chance `u`.
    fn quantile(self, u: f64) -> f64 {
        let Self { value, low, high } = self;
        let below = (high - value) / (high - low);
        if u < below {
            low + (value - low) * (u / below).sqrt()
        } else {
            high - (high - value) * ((1.0 - u) / (1.0 - below)).sqrt()
        }
    }
}

/// How many numbers with a range `strategies` of `scenario` depend on.
pub fn count(scenario: &Scenario, strategies: &[String], options: &Options) -> usize {
    let (mut scenario, mut options) = of(scenario, strategies, options);
    let mut count = 0;
    visit(&mut scenario, &mut options, |_, stated| {
        count += 1;
        stated.value
    });
    count
}

/// The worlds of `strategies` as replication `draws` draws what is not known exactly.
pub fn worlds(scenario: &Scenario, strategies: &[String], options: &Options, draws: &Draws) -> Vec<World> {
    let (mut scenario, mut options) = of(scenario, strategies, options);
    visit(&mut scenario, &mut options, |name, stated| stated.quantile(draws.named(name)));
    strategies.iter().filter_map(|strategy| build(&scenario, strategy, &options)).collect()
}

/// A copy without the strategies that `strategies` do not depend on.
fn of(scenario: &Scenario, strategies: &[String], options: &Options) -> (Scenario, Options) {
    let used = |name: &String| {
        let mut lineages = strategies.iter().filter_map(|strategy| scenario.lineage(strategy)).flatten();
        lineages.any(|strategy| strategy.name == *name)
    };
    let mut copy = scenario.clone();
    copy.strategies.retain(|name, _| used(name));
    (copy, options.clone())
}

/// Puts what `draw` gives for each number with a range in its place: the name of what it is about and what is stated of it. A parameter
/// that was set (`--set`, futures) has no range any more.
fn visit(scenario: &mut Scenario, options: &mut Options, mut draw: impl FnMut(&str, Stated) -> f64) {
    let parameters = options.parameters.get_or_insert_with(|| scenario.parameters.clone());
    for parameter in parameters.stated.clone() {
        if let Some(stated) = Stated::new(parameter.value, parameter.low, parameter.high) {
            let drawn = draw(&format!("parameter {}", parameter.name), stated);
            let whole = info(&parameter.name).is_some_and(|info| info.is_whole());
            // What lies in the range can be set: its ends were checked when they were read.
            let _ = parameters.set(&parameter.name, if whole { drawn.round() } else { drawn });
        }
    }
    for row in scenario.policies.iter_mut().filter(|row| row.rule == Rule::Throughput) {
        if let Some(stated) = row.persons_per_day.and_then(|value| Stated::new(value, row.low, row.high)) {
            row.persons_per_day = Some(draw(&format!("crossing {} {}", row.from, row.to), stated));
        }
    }
    for row in &mut scenario.flows {
        if let Some(stated) = Stated::new(row.per_day, row.low, row.high) {
            row.per_day = draw(&format!("flow {} {} {} {}", row.kind, row.from, row.to, row.group), stated);
        }
    }
    for strategy in scenario.strategies.values_mut() {
        for row in &mut strategy.services {
            if let Some(stated) = Stated::new(row.persons_per_day, row.low, row.high) {
                let to = if let Destination::Place(place) = &row.to { place } else { "home" };
                let whom = match &row.groups {
                    GroupsCell::All => "all".to_owned(),
                    GroupsCell::Only(ids) => ids.join(";"),
                    GroupsCell::Except(ids) => format!("non:{}", ids.join(";")),
                };
                let name = format!("seats {} {} {} {to} {whom}", row.lever, row.actor, row.from);
                row.persons_per_day = draw(&name, stated);
            }
        }
        for row in &mut strategy.shelters {
            let whole = |bound: Option<u64>| bound.map(|places| places as f64);
            if let Some(stated) = Stated::new(row.places as f64, whole(row.low), whole(row.high)) {
                row.places = draw(&format!("shelter {} {}", row.place, row.actor), stated).round() as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::scenario::read::read;

    fn shipped(name: &str) -> Scenario {
        read(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name).as_path()).unwrap().0
    }

    /// What one replication draws, in the order of the files: name and number.
    fn drawn(scenario: &Scenario, strategies: &[&str], options: &Options, draws: &Draws) -> Vec<(String, f64)> {
        let strategies: Vec<String> = strategies.iter().map(|name| (*name).to_owned()).collect();
        let (mut scenario, mut options) = of(scenario, &strategies, options);
        let mut drawn = Vec::new();
        visit(&mut scenario, &mut options, |name, stated| {
            let value = stated.quantile(draws.named(name));
            assert!((stated.low..=stated.high).contains(&value), "{name}: {value} of {stated:?}");
            drawn.push((name.to_owned(), value));
            value
        });
        drawn
    }

    #[test]
    fn the_law_rises_from_end_to_end_and_has_the_number_for_its_mean() {
        for (value, low, high) in [(200.0, 0.0, 1000.0), (5.0, 4.0, 6.0), (0.99, 0.1, 1.0)] {
            let stated = Stated::new(value, Some(low), Some(high)).unwrap();
            let n = 100_000;
            let at: Vec<f64> = (0..n).map(|k| stated.quantile((f64::from(k) + 0.5) / f64::from(n))).collect();
            assert!(at.is_sorted() && at[0] >= low && at[at.len() - 1] <= high, "{value}");
            let mean = at.iter().sum::<f64>() / f64::from(n);
            assert!((mean - value).abs() < 1e-5 * (high - low), "{value}: {mean}");
            // Two triangles that meet at the number: their second moments about it are half the squares of their widths.
            let below = (high - value) / (high - low);
            let expected = (below * (value - low).powi(2) + (1.0 - below) * (high - value).powi(2)) / 6.0;
            let variance = at.iter().map(|x| (x - value).powi(2)).sum::<f64>() / f64::from(n);
            assert!((variance / expected - 1.0).abs() < 1e-3, "{value}: {variance} for {expected}");
        }
    }

    #[test]
    fn numbers_without_a_range_or_at_its_end_stay_as_they_are() {
        for (value, low, high) in [(5.0, None, Some(6.0)), (5.0, Some(4.0), None), (5.0, Some(5.0), Some(6.0))] {
            assert_eq!(Stated::new(value, low, high), None);
        }
    }

    #[test]
    fn strategies_share_what_is_drawn_and_a_row_more_shifts_no_other() {
        let (mut scenario, options, draws) = (shipped("libya-2011"), Options::default(), Draws::new(1, 0));
        let both = drawn(&scenario, &["historical", "early"], &options, &draws);
        assert!(both.len() > 100, "{}", both.len());
        assert_eq!(both, drawn(&scenario, &["historical"], &options, &draws));
        let fewer = drawn(&scenario, &["none"], &options, &draws);
        assert!(fewer.len() < both.len() && fewer.iter().all(|number| both.contains(number)));
        let other = drawn(&scenario, &["historical"], &options, &Draws::new(1, 1));
        assert!(both.iter().zip(&other).all(|(one, two)| one.0 == two.0 && one.1 != two.1));

        // Rows about other things, above all others.
        let mut policy = scenario.policies.iter().find(|p| p.low < p.persons_per_day).unwrap().clone();
        policy.from = "tripoli".into();
        scenario.policies.insert(0, policy);
        let services = &mut scenario.strategies.get_mut("historical").unwrap().services;
        let mut service = services.iter().find(|s| s.low < Some(s.persons_per_day)).unwrap().clone();
        service.actor = "somebody else".into();
        services.insert(0, service);
        let more = drawn(&scenario, &["historical"], &options, &draws);
        assert_eq!(more.len(), both.len() + 2);
        assert!(both.iter().all(|number| more.contains(number)));
    }

    #[test]
    fn a_period_cut_in_two_is_as_uncertain_as_before() {
        let (mut scenario, options, draws) = (shipped("libya-2011"), Options::default(), Draws::new(1, 0));
        let long = |p: &&mut crate::scenario::scenario::PolicyRow| {
            p.low.is_some() && p.end > p.start && p.low < p.persons_per_day
        };
        let first = scenario.policies.iter_mut().find(long).unwrap();
        let mut second = first.clone();
        (second.start, first.end) = (first.end, first.end.pred_opt().unwrap());
        scenario.policies.push(second);
        let numbers = drawn(&scenario, &["none"], &options, &draws);
        let twice: BTreeSet<&String> = numbers.iter().map(|(name, _)| name).collect();
        assert!(twice.len() < numbers.len());
        let worlds = worlds(&scenario, &["none".to_owned()], &options, &draws);
        let whole = super::worlds(&shipped("libya-2011"), &["none".to_owned()], &options, &draws);
        let capacities = |world: &World| world.services.iter().map(|s| s.capacity.clone()).collect::<Vec<_>>();
        assert!(capacities(&worlds[0]) == capacities(&whole[0]), "a cut changes capacities");
    }

    #[test]
    fn drawn_numbers_are_those_that_the_world_has() {
        let (scenario, options, draws) = (shipped("libya-2011"), Options::default(), Draws::new(1, 3));
        let numbers = drawn(&scenario, &["historical"], &options, &draws);
        let [world] = &worlds(&scenario, &["historical".to_owned()], &options, &draws)[..] else { panic!("one world") };
        let service = world.services.iter().find(|s| s.id == "egypt-djerba-4").unwrap();
        let most = service.capacity.iter().copied().fold(0.0, f64::max);
        assert!(numbers.iter().any(|(name, value)| name.starts_with("seats L11 Egypt") && *value == most), "{most}");
        assert!(most != 500.0);
    }

    #[test]
    fn a_parameter_that_was_set_is_not_drawn() {
        let (scenario, draws) = (shipped("slow-drought"), Draws::new(1, 0));
        let is_drawn = |options: &Options| {
            let numbers = drawn(&scenario, &["none"], options, &draws);
            numbers.iter().any(|(name, _)| name == "parameter departure.hazard")
        };
        assert!(is_drawn(&Options::default()));
        let mut parameters = scenario.parameters.clone();
        parameters.set("departure.hazard", 0.03).unwrap();
        assert!(!is_drawn(&Options { parameters: Some(parameters), ..Options::default() }));
    }
}
