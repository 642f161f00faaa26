//! What a comparison keeps of a run: a few figures for everybody and by group, so that memory does not grow with replications.

use crate::engine::Counts;
use crate::engine::agents::State;
use crate::engine::counts::Incident;
use crate::outcome::Outcome;
use crate::scenario::world::World;

/// A figure of a run that strategies are compared by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreInfo {
    /// Id of the metric, e.g. `M03`.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Whether less is better; `None`: neither.
    pub lower_is_better: Option<bool>,
}

const fn score(id: &'static str, name: &'static str, unit: &'static str, lower_is_better: Option<bool>) -> ScoreInfo {
    ScoreInfo { id, name, unit, lower_is_better }
}

/// The figures, in the order of [`Scores::figures`].
pub const SCORES: &[ScoreInfo] = &[
    score("M03", "Stranded person-days", "person-days", Some(true)),
    score("M04", "Peak of people stranded", "persons", Some(true)),
    score("M07", "Trapped person-days", "person-days", Some(true)),
    score("M19", "Deaths and missing", "persons", Some(true)),
    score("M01_home", "Journeys that ended where they were meant to", "persons", Some(false)),
    score("M10_assisted", "Persons granted assistance", "persons", None),
    score("M40", "Cost of the response", "USD", Some(true)),
];

/// Position in [`SCORES`] of the metric `id`.
pub fn position(id: &str) -> Option<usize> {
    SCORES.iter().position(|s| s.id == id)
}

/// What a comparison keeps of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Figures for everybody, one for each of [`SCORES`]; `None` where a run gives none.
    pub figures: Vec<Option<f64>>,
    /// Days stranded or trapped per person, by group.
    pub burden: Vec<Option<f64>>,
    /// Day of the run (from 0) on which most people were stranded; `None`: nobody ever.
    pub peak_day: Option<usize>,
}

impl Scores {
    /// What is kept of `outcome`, a run of `world`.
    pub fn of(world: &World, outcome: &Outcome) -> Self {
        let scale = f64::from(world.scale);
        let groups = world.groups.len();
        let (mut stranded, mut trapped) = (vec![0u64; groups], vec![0u64; groups]);
        let (mut peak, mut peak_day) = (0u64, None);
        let mut dead = 0u64;
        for (day, counts) in outcome.days.iter().enumerate() {
            add(&mut stranded, &counts.stranded);
            add(&mut trapped, &counts.trapped);
            let today = counts.stranded.iter().map(|n| u64::from(*n)).sum::<u64>();
            if today > peak {
                (peak, peak_day) = (today, Some(day));
            }
            let died =
                counts.incidents_of.chunks_exact(Incident::COUNT).map(|of| u64::from(of[Incident::Death as usize]));
            dead += died.sum::<u64>();
        }
        let last = outcome.days.last();
        let home: u64 = (0..groups).map(|g| last.map_or(0, |l| u64::from(l.in_state(g, State::Arrived)))).sum();
        let assisted: u64 = outcome.days.iter().flat_map(|c| &c.assisted).map(|n| u64::from(*n)).sum();
        let people = |n: u64| Some(n as f64 * scale);
        let sum = |days: &[u64]| days.iter().sum::<u64>();
        let figures = vec![
            people(sum(&stranded)),
            people(peak),
            people(sum(&trapped)),
            people(dead),
            people(home),
            people(assisted),
            Some(cost(world, &outcome.days)),
        ];
        let persons = population(world);
        let burden = (0..groups)
            .map(|g| (persons[g] > 0).then(|| (stranded[g] + trapped[g]) as f64 / persons[g] as f64))
            .collect();
        Self { figures, burden, peak_day }
    }
}

fn add(sums: &mut [u64], by_place_and_group: &[u32]) {
    for row in by_place_and_group.chunks_exact(sums.len().max(1)) {
        sums.iter_mut().zip(row).for_each(|(sum, n)| *sum += u64::from(*n));
    }
}

/// Simulated persons by group at the start.
pub fn population(world: &World) -> Vec<u64> {
    let mut persons = vec![0; world.groups.len()];
    for cell in world.cells.iter().chain(&world.displaced) {
        persons[world.classes[cell.class].group] += u64::from(cell.persons);
    }
    persons
}

/// USD: fixed costs, and costs per person, place and day of services that are assistance, desks and shelters.
fn cost(world: &World, days: &[Counts]) -> f64 {
    let scale = f64::from(world.scale);
    let served =
        |table: fn(&Counts) -> &[u32], i: usize| days.iter().map(|c| f64::from(table(c)[i])).sum::<f64>() * scale;
    let services = world.services.iter().enumerate().filter(|(_, s)| s.assistance);
    let services: f64 = services.map(|(i, s)| s.cost_fixed + s.cost_per_person * served(|c| &c.granted, i)).sum();
    let desks: f64 = world.desks.iter().enumerate().map(|(i, d)| d.cost_per_person * served(|c| &c.served, i)).sum();
    let shelters = world.shelters.iter().map(|s| {
        let nights = (usize::from(s.end) + 1).min(days.len()).saturating_sub(usize::from(s.start));
        s.cost_per_place_day * f64::from(s.places) * nights as f64 * scale
    });
    services + desks + shelters.sum::<f64>()
}
