//! What a comparison keeps of a run: a few figures for everybody and by group, so that memory does not grow with replications.

use serde::Serialize;

use crate::engine::Counts;
use crate::outcome::Outcome;
use crate::outcome::metrics::{MetricInfo, measure};
use crate::report::pictures::Scene;
use crate::report::watch::Followed;
use crate::scenario::world::World;

/// Metrics that are compared where none are named.
pub const DEFAULT: &[&str] = &["M03", "M04", "M07", "M13", "M19", "M01_home", "M37", "M39", "M40"];

/// Whom a response is to leave fewer of, where it is asked which one leads and what a day averted costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// Fewest stranded (M03).
    Stranded,
    /// Fewest trapped (M07): where nobody is ever stranded, as in many disasters.
    Trapped,
}

impl Aim {
    /// The aim that tells the runs in `table`, strategies x replications, apart.
    pub fn of(table: &[Vec<Scores>]) -> Self {
        let any = |aim: Aim| table.iter().flatten().any(|run| run.stuck(aim) > 0.0);
        if !any(Aim::Stranded) && any(Aim::Trapped) { Aim::Trapped } else { Aim::Stranded }
    }

    /// Id of its metric.
    pub fn metric(self) -> &'static str {
        match self {
            Aim::Stranded => "M03",
            Aim::Trapped => "M07",
        }
    }

    /// Of what is kept for each of [`SIZING`], that of its worst day.
    pub fn peak<T: Copy>(self, sizes: &[Option<T>; SIZING.len()]) -> Option<T> {
        let id = match self {
            Aim::Stranded => "M04",
            Aim::Trapped => "M07_peak",
        };
        sizes[SIZING.iter().position(|known| *known == id)?]
    }

    /// `stranded` or `trapped`.
    pub fn word(self) -> &'static str {
        match self {
            Aim::Stranded => "stranded",
            Aim::Trapped => "trapped",
        }
    }
}

/// What a comparison keeps of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Figures for everybody, one for each metric compared; `None` where the run gives none.
    pub figures: Vec<Option<f64>>,
    /// Person-days by [`Aim`].
    stuck: [f64; 2],
    /// Cost of the response (M40), USD; 0 where no cost is stated.
    pub cost: f64,
    /// Day (from 0) on which most people were stranded; `None`: nobody ever was.
    pub peak_day: Option<u16>,
    /// By trigger: the day on which it fired, if it has.
    pub fired: Vec<Option<u16>>,
    /// Days stranded or trapped per person, by group; `None` for a group of nobody.
    pub burden: Vec<Option<f64>>,
    /// People stranded, and people trapped, on each day, by [`Aim`].
    stuck_daily: [Vec<f32>; 2],
    /// What sites must hold and supply ([`SIZING`]), and what else reports ask for; `None` where the run gives none.
    pub sizing: [Option<f64>; SIZING.len()],
    /// Where people went and waited; replication 0 only.
    pub scene: Option<Scene>,
    /// What answers to the record, where that is watched.
    pub followed: Option<Followed>,
}

/// Metrics that say what sites must hold and supply, and seats that were not used.
pub const SIZING: [&str; 6] = ["M04", "M20_peak", "M22_water", "M22_toilets", "M11", "M07_peak"];

impl Scores {
    /// What is kept of `outcome`, a run of `world`.
    pub fn of(world: &World, outcome: &Outcome, metrics: &[&MetricInfo]) -> Self {
        let measured = measure(world, outcome);
        let cost = measured.overall("M40").unwrap_or(0.0);
        let figure = |info: &&MetricInfo| if info.id == "M40" { Some(cost) } else { measured.overall(info.id) };
        let days = |group: usize| -> f64 {
            let of = |id: &str| measured.get(id).and_then(|v| *v.by_group.get(&world.groups[group].id)?).unwrap_or(0.0);
            of("M03") + of("M07")
        };
        let daily = |stock: fn(&Counts) -> &Vec<u32>| -> Vec<f32> {
            let on = |counts| stock(counts).iter().map(|n| *n as f32).sum::<f32>() * world.scale as f32;
            outcome.days.iter().map(on).collect()
        };
        let persons = population(world);
        let people = |group: usize| persons[group] as f64 * f64::from(world.scale);
        Self {
            figures: metrics.iter().map(figure).collect(),
            stuck: [Aim::Stranded, Aim::Trapped].map(|aim| measured.overall(aim.metric()).unwrap_or(0.0)),
            cost,
            peak_day: measured.overall("M04_day").map(|day| day as u16 - 1),
            fired: outcome.fired.clone(),
            burden: (0..persons.len()).map(|g| (persons[g] > 0).then(|| days(g) / people(g))).collect(),
            stuck_daily: [daily(|counts| &counts.stranded), daily(|counts| &counts.trapped)],
            sizing: SIZING.map(|id| measured.overall(id)),
            scene: None,
            followed: None,
        }
    }
}

impl Scores {
    /// Person-days that count for `aim`.
    pub fn stuck(&self, aim: Aim) -> f64 {
        self.stuck[aim as usize]
    }

    /// People who count for `aim`, on each day.
    pub fn daily(&self, aim: Aim) -> &[f32] {
        &self.stuck_daily[aim as usize]
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
