//! Numbers that the files state with a range (`low`, `high`) are not known exactly: each replication draws them within it, alike
//! under every strategy.
//!
//! A number is drawn from the beta law over its range that has the number itself for its mean, so that draws lean to neither side of
//! what the parameters were set with: `low + (high - low) * Beta(6 m, 6 (1 - m))`, `m = (value - low) / (high - low)`. The two
//! exponents add up to 6 as in PERT (Malcolm, Roseboom, Clark & Fazar 1959). A number at an end of its range stays there. Each is
//! drawn for itself, by its name, so that one row more shifts no other.

use rand_distr::{Beta, Distribution};

use crate::engine::draws::Draws;
use crate::scenario::Scenario;
use crate::scenario::build::{Options, build};
use crate::scenario::parameters::info;
use crate::scenario::world::World;

/// What the two exponents of the law add up to.
const CONCENTRATION: f64 = 6.0;

/// A number with its range.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stated {
    value: f64,
    low: f64,
    high: f64,
}

impl Stated {
    /// `None` where no range is stated, or where the law has no width.
    fn new(value: f64, low: Option<f64>, high: Option<f64>) -> Option<Self> {
        let (low, high) = (low?, high?);
        (low < value && value < high).then_some(Self { value, low, high })
    }

    fn draw(self, name: &str, draws: &Draws) -> f64 {
        let width = self.high - self.low;
        let mean = (self.value - self.low) / width;
        let law = Beta::new(CONCENTRATION * mean, CONCENTRATION * (1.0 - mean));
        let drawn = law.map_or(self.value, |law| self.low + width * law.sample(&mut draws.named(name)));
        // The library's powers may differ between platforms in their last bit, which is dropped.
        f64::from(drawn as f32).clamp(self.low, self.high)
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
    visit(&mut scenario, &mut options, |name, stated| stated.draw(name, draws));
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

/// Puts what `draw` gives for each number with a range in its place: its name and what is stated of it. A parameter that was set
/// (`--set`, futures) has no range any more.
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
    for row in &mut scenario.policies {
        if let Some(stated) = row.persons_per_day.and_then(|value| Stated::new(value, row.low, row.high)) {
            row.persons_per_day = Some(draw(&format!("policy {} {} {}", row.from, row.to, row.start), stated));
        }
    }
    for row in &mut scenario.flows {
        if let Some(stated) = Stated::new(row.per_day, row.low, row.high) {
            row.per_day = draw(&format!("flow {}", row.id), stated);
        }
    }
    for strategy in scenario.strategies.values_mut() {
        for row in &mut strategy.services {
            if let Some(stated) = Stated::new(row.persons_per_day, row.low, row.high) {
                row.persons_per_day = draw(&format!("service {}", row.id), stated);
            }
        }
        for row in &mut strategy.shelters {
            let whole = |bound: Option<u64>| bound.map(|places| places as f64);
            if let Some(stated) = Stated::new(row.places as f64, whole(row.low), whole(row.high)) {
                row.places = draw(&format!("shelter {} {} {}", row.place, row.start, row.actor), stated).round() as u64;
            }
        }
    }
}
#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::scenario::read::read;

    fn libya() -> Scenario {
        read(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/libya-2011").as_path()).unwrap().0
    }

    /// What one replication draws, by name.
    fn drawn(scenario: &Scenario, strategies: &[&str], options: &Options, draws: &Draws) -> BTreeMap<String, f64> {
        let strategies: Vec<String> = strategies.iter().map(|name| (*name).to_owned()).collect();
        let (mut scenario, mut options) = of(scenario, &strategies, options);
        let mut drawn = BTreeMap::new();
        visit(&mut scenario, &mut options, |name, stated| {
            let value = stated.draw(name, draws);
            assert!((stated.low..=stated.high).contains(&value), "{name}: {value} of {stated:?}");
            drawn.insert(name.to_owned(), value);
            value
        });
        drawn
    }

    #[test]
    fn draws_have_the_mean_and_the_variance_of_the_law() {
        for (value, low, high) in [(200.0, 0.0, 1000.0), (5.0, 4.0, 6.0), (0.9, 0.1, 1.0)] {
            let stated = Stated::new(value, Some(low), Some(high)).unwrap();
            let n = 20_000;
            let draw = |r: u32| stated.draw("seats", &Draws::new(1, r));
            let draws: Vec<f64> = (0..n).map(draw).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(n);
            let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n - 1);
            // A beta law with exponents that add up to 6: m (1 - m) / 7.
            let m = (value - low) / (high - low);
            let expected = (high - low).powi(2) * m * (1.0 - m) / 7.0;
            let error = (expected / f64::from(n)).sqrt();
            assert!((mean - value).abs() < 4.0 * error, "{value}: {mean}");
            assert!((variance / expected - 1.0).abs() < 0.05, "{value}: {variance} for {expected}");
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
        let (mut scenario, options, draws) = (libya(), Options::default(), Draws::new(1, 0));
        let both = drawn(&scenario, &["historical", "early"], &options, &draws);
        assert!(both.len() > 100, "{}", both.len());
        assert_eq!(both, drawn(&scenario, &["historical"], &options, &draws));
        let fewer = drawn(&scenario, &["none"], &options, &draws);
        assert!(fewer.len() < both.len() && fewer.iter().all(|(name, value)| both[name] == *value));
        let other = drawn(&scenario, &["historical"], &options, &Draws::new(1, 1));
        assert!(both.iter().all(|(name, value)| other[name] != *value));

        let mut row = scenario.policies.iter().find(|p| p.low < p.persons_per_day).unwrap().clone();
        row.from = "tripoli".into();
        scenario.policies.insert(0, row);
        let more = drawn(&scenario, &["historical"], &options, &draws);
        assert_eq!(more.len(), both.len() + 1);
        assert!(both.iter().all(|(name, value)| more[name] == *value));
    }

    #[test]
    fn drawn_numbers_are_those_that_the_world_has() {
        let (scenario, options, draws) = (libya(), Options::default(), Draws::new(1, 3));
        let strategies = ["historical".to_owned()];
        let numbers = drawn(&scenario, &["historical"], &options, &draws);
        let [world] = &worlds(&scenario, &strategies, &options, &draws)[..] else { panic!("one world") };
        let id = "egypt-djerba-4";
        let service = world.services.iter().find(|s| s.id == id).unwrap();
        let most = service.capacity.iter().copied().fold(0.0, f64::max);
        assert!((most - numbers[&format!("service {id}")]).abs() < 1e-9 && most != 500.0, "{most}");
    }

    #[test]
    fn a_parameter_that_was_set_is_not_drawn() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/slow-drought");
        let (scenario, draws) = (read(&folder).unwrap().0, Draws::new(1, 0));
        let name = "parameter departure.hazard";
        assert!(drawn(&scenario, &["none"], &Options::default(), &draws).contains_key(name));
        let mut parameters = scenario.parameters.clone();
        parameters.set("departure.hazard", 0.03).unwrap();
        let options = Options { parameters: Some(parameters), ..Options::default() };
        assert!(!drawn(&scenario, &["none"], &options, &draws).contains_key(name));
    }
}
