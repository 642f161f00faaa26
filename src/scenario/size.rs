//! How many people a scenario simulates at a scale: whether they can be numbered and kept in memory, and who is left out.

use std::path::Path;

use super::Scenario;
use super::fields::{DEPARTURES, POPULATIONS};
use super::problem::{At, Problems};

/// Bytes that a travelling party takes in a run in which everybody leaves: its draws, its row, room to grow, counts (measured).
const BYTES: f64 = 64.0;
/// Bytes that a person takes where people are counted together (measured).
const BYTES_TOGETHER: f64 = 20.0;
/// Share of the people from which on a loss is told.
const LOSS: f64 = 0.01;

/// People at a scale.
struct Size {
    /// Persons in all.
    persons: u64,
    /// Those whom simulated people stand for.
    kept: u64,
    /// Travelling parties.
    parties: f64,
    /// Bytes that each of them takes.
    bytes: f64,
    /// Groups of which nobody is left.
    gone: Vec<String>,
}

/// Checks that the people of `scenario`, which was read from `dir`, can be simulated at one for `scale`, in so many runs `at_once`;
/// where memory is short, `one_by_one` is asked whether each of them has a row of their own. Warns where many are left out, since what is left over
/// of a group makes no whole simulated person.
pub fn check(
    scenario: &Scenario,
    dir: &Path,
    scale: u32,
    at_once: u32,
    one_by_one: impl Fn() -> bool,
) -> Result<Problems, Problems> {
    let mut size = Size::of(scenario, scale.max(1));
    let free = available();
    if free.is_some_and(|free| size.memory(at_once) > free as f64) && !one_by_one() {
        size.bytes = BYTES_TOGETHER;
    }
    size.check(dir, scenario.populations.is_empty(), scale.max(1), at_once, free)
}

impl Default for Size {
    fn default() -> Self {
        Size { persons: 0, kept: 0, parties: 0.0, bytes: BYTES, gone: Vec::new() }
    }
}

impl Size {
    fn of(scenario: &Scenario, scale: u32) -> Self {
        let scale = u64::from(scale);
        let mut size = Size::default();
        for group in &scenario.groups {
            let rows = scenario.populations.iter().filter(|row| row.group == group.id);
            let persons = rows.map(|row| row.persons).fold(0, u64::saturating_add);
            size.add(persons, scale, group.party_size);
            if persons > 0 && persons < scale {
                size.gone.push(group.id.clone());
            }
        }
        size.add(scenario.departures.iter().map(|row| row.persons).fold(0, u64::saturating_add), scale, 1.0);
        size
    }

    fn add(&mut self, persons: u64, scale: u64, party_size: f64) {
        self.persons = self.persons.saturating_add(persons);
        self.kept = self.kept.saturating_add(persons / scale * scale);
        self.parties += (persons / scale) as f64 / party_size.max(1.0);
    }

    /// Bytes that so many runs take if everybody leaves.
    fn memory(&self, at_once: u32) -> f64 {
        self.bytes * self.parties * f64::from(at_once.max(1))
    }

    fn check(
        &self,
        dir: &Path,
        by_series: bool,
        scale: u32,
        at_once: u32,
        available: Option<u64>,
    ) -> Result<Problems, Problems> {
        let mut problems = Problems::default();
        let table = if by_series { DEPARTURES.name } else { POPULATIONS.name };
        let file = dir.join(table).display().to_string();
        let at = At { file: &file, ..At::default() };
        let (persons, lost) = (self.persons, self.persons - self.kept);
        let simulated = self.kept / u64::from(scale);
        let memory = self.memory(at_once);
        let available = available.map_or(f64::INFINITY, |bytes| bytes as f64);
        let held = (f64::from(scale) * memory / available).ceil() as u64;
        let possible = larger(held.max(persons.div_ceil(u64::from(u32::MAX))));
        if simulated > u64::from(u32::MAX) {
            let message = format!("{simulated} people to simulate; at most {} can be numbered", u32::MAX);
            problems.error(at, message, possible);
        } else if memory > available {
            let giga = |bytes: f64| (bytes / 1e8).ceil() / 10.0;
            let runs = if at_once > 1 { format!(" in {at_once} runs at once") } else { String::new() };
            let message = format!(
                "{simulated} people to simulate{runs} take about {} GB of memory if all of them leave, and {} GB are free",
                giga(memory),
                giga(available)
            );
            let fewer = if at_once > 1 { ", or try --threads 1" } else { "" };
            problems.error(at, message, possible + fewer);
        } else if self.kept == 0 && persons > 0 {
            let message = format!("nobody is left of {persons} people where one simulated person stands for {scale}");
            problems.error(at, message, "run with a smaller --scale");
        } else if lost as f64 > LOSS * persons as f64 || !self.gone.is_empty() {
            let gone = match self.gone.len() {
                0 => String::new(),
                _ => format!(", and nobody is left of {}", self.gone.join(", ")),
            };
            let message = format!(
                "{lost} of {persons} people are left out where one simulated person stands for {scale}{gone}: what is left over of \
                 a group makes no whole one"
            );
            problems.warning(at, message, "run with a smaller --scale");
        }
        problems.into_result(()).map(|((), warnings)| warnings)
    }
}

/// The next of 2, 5, 10, 20, 50, ... as a scale.
fn larger(least: u64) -> String {
    let steps = (0..10).flat_map(|power| [1, 2, 5].map(|digit| digit * 10u64.pow(power)));
    let scale = steps.into_iter().find(|step| *step >= least.max(2)).unwrap_or(least);
    format!("run with --scale {scale}: one simulated person for {scale} people")
}

/// Bytes of memory that are free, where the system says so.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(persons: u64, scale: u32) -> Size {
        let mut size = Size::default();
        size.add(persons, u64::from(scale), 1.0);
        size
    }

    fn told(size: &Size, scale: u32, available: u64) -> String {
        let told = size.check(Path::new("my"), false, scale, 1, Some(available));
        told.unwrap_or_else(|errors| errors).to_string()
    }

    #[test]
    fn more_than_can_be_numbered_or_kept_is_an_error_that_names_a_scale() {
        let many = told(&size(5_000_000_000, 1), 1, u64::MAX);
        assert!(
            many.starts_with("error: my/populations.csv: 5000000000 people") && many.contains("--scale 2"),
            "{many}"
        );
        let heavy = told(&size(2_000_000_000, 1), 1, 8_000_000_000);
        assert!(heavy.contains("128 GB") && heavy.contains("8 GB are free") && heavy.contains("--scale 20"), "{heavy}");
        assert_eq!(told(&size(2_000_000_000, 20), 20, 8_000_000_000), "");
    }

    #[test]
    fn whom_a_coarse_scale_leaves_out_is_told() {
        assert_eq!(told(&size(1000, 10), 10, u64::MAX), "");
        assert_eq!(told(&size(1009, 10), 10, u64::MAX), "", "less than one in a hundred");
        let some = told(&size(1400, 500), 500, u64::MAX);
        assert!(some.starts_with("warning: ") && some.contains("400 of 1400 people are left out"), "{some}");
        let none = told(&size(1400, 5000), 5000, u64::MAX);
        assert!(none.starts_with("error: ") && none.contains("nobody is left of 1400 people"), "{none}");
    }
}
