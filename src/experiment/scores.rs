//! What a comparison keeps of a run: a few figures for everybody and by group, so that memory does not grow with replications.

use serde::Serialize;

use super::paired::{self, LEVEL, RESAMPLES};
use crate::engine::Counts;
use crate::outcome::metrics::{MetricInfo, measure};
use crate::outcome::scene::Scene;
use crate::outcome::watch::Followed;
use crate::outcome::{Outcome, held_by_group};
use crate::scenario::world::World;

/// Metrics that are compared where none are named.
pub const DEFAULT: &[&str] = &["M03", "M04", "M07", "M13", "M19", "M01_home", "M37", "M39", "M40"];

/// Whom a response is to leave fewer of, where it is asked which one leads and what a day averted costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// Fewest stranded (M03).
    Stranded,
    /// Fewest trapped (M07): where responses do not differ in whom they strand, as in many disasters.
    Trapped,
}

impl Aim {
    /// The aim that tells the runs in `table`, strategies x replications, apart: the stranded, unless the trapped tell more. It tells more
    /// where a strategy clearly differs from the baseline than where only single runs differ, and then more than where none does.
    pub fn of(table: &[Vec<Scores>], seed: u64) -> Self {
        let tells = |aim: Aim| {
            let averted = averted(table, aim);
            let clear = paired::joint(&averted, LEVEL, RESAMPLES, seed).iter().any(|d| d.sign() != 0);
            u8::from(clear) + u8::from(averted.iter().flatten().any(|days| *days != 0.0))
        };
        let any = |aim: Aim| table.iter().flatten().any(|run| run.stuck(aim) > 0.0);
        let only_trapped = !any(Aim::Stranded) && any(Aim::Trapped);
        if only_trapped || tells(Aim::Trapped) > tells(Aim::Stranded) { Aim::Trapped } else { Aim::Stranded }
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
        let persons = held_by_group(world, |_| true);
        let people = |group: usize| persons[group] * f64::from(world.scale);
        Self {
            figures: metrics.iter().map(figure).collect(),
            stuck: [Aim::Stranded, Aim::Trapped].map(|aim| measured.overall(aim.metric()).unwrap_or(0.0)),
            cost,
            peak_day: measured.overall("M04_day").map(|day| day as u16 - 1),
            fired: outcome.fired.clone(),
            burden: (0..persons.len()).map(|g| (persons[g] > 0.0).then(|| days(g) / people(g))).collect(),
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

/// Person-days of `aim` that each strategy of `table` after the first leaves fewer than the first, run by run.
pub fn averted(table: &[Vec<Scores>], aim: Aim) -> Vec<Vec<f64>> {
    let of =
        |runs: &Vec<Scores>| table[0].iter().zip(runs).map(|(base, run)| base.stuck(aim) - run.stuck(aim)).collect();
    table[1..].iter().map(of).collect()
}

/// Whether nobody is stranded and nobody trapped in any run of `table`.
pub fn nobody_stuck(table: &[Vec<Scores>]) -> bool {
    table.iter().flatten().all(|run| run.stuck == [0.0; 2])
}

/// The replications in which every strategy has a value of score `m`: `strategies x replications`.
pub fn complete(table: &[Vec<Scores>], m: usize) -> Vec<Vec<f64>> {
    let replications = table.first().map_or(0, Vec::len);
    let mut columns = vec![Vec::with_capacity(replications); table.len()];
    for replication in 0..replications {
        let row: Option<Vec<f64>> = table.iter().map(|runs| runs[replication].figures[m]).collect();
        if let Some(row) = row {
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
    }
    columns
}

#[cfg(test)]
impl Scores {
    /// What would be kept of a run with these person-days, cost and days stuck per person by group.
    pub(super) fn made(stranded: f64, trapped: f64, cost: f64, burden: Vec<Option<f64>>) -> Self {
        Self {
            figures: Vec::new(),
            stuck: [stranded, trapped],
            cost,
            peak_day: None,
            fired: Vec::new(),
            burden,
            stuck_daily: [Vec::new(), Vec::new()],
            sizing: [None; SIZING.len()],
            scene: None,
            followed: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stranded: f64, trapped: f64) -> Scores {
        Scores::made(stranded, trapped, 0.0, Vec::new())
    }

    #[test]
    fn the_trapped_are_asked_about_where_only_they_tell_responses_apart() {
        let noise = |r: i32| f64::from(r * 7 % 5);
        let runs = |of: &dyn Fn(i32) -> (f64, f64)| (0..20).map(|r| run(of(r).0, of(r).1)).collect::<Vec<_>>();
        let base = runs(&|r| (0.0, 90.0 + noise(r)));
        let helped = runs(&|r| (0.0, 30.0 + noise(r + 1)));
        assert_eq!(Aim::of(&[base.clone(), helped.clone()], 1), Aim::Trapped);
        // One person is stranded for a day in one run of one strategy: that does not turn the question.
        let mut once = helped.clone();
        once[3].stuck[0] = 1.0;
        assert_eq!(Aim::of(&[base.clone(), once], 1), Aim::Trapped);
        // The same are stranded under both.
        let same = |of: &[Scores]| of.iter().map(|r| run(50.0, r.stuck[1])).collect::<Vec<_>>();
        assert_eq!(Aim::of(&[same(&base), same(&helped)], 1), Aim::Trapped);
        // Where both differ, the stranded are asked about; and where neither does.
        let both = runs(&|r| (300.0 + noise(r), 90.0));
        assert_eq!(Aim::of(&[both, helped.clone()], 1), Aim::Stranded);
        let calm = runs(&|_| (0.0, 0.0));
        assert_eq!(Aim::of(&[calm.clone(), calm.clone()], 1), Aim::Stranded);
        assert!(nobody_stuck(&[calm.clone(), calm.clone()]));
        // Somebody trapped in one run of twenty is somebody.
        let mut one = calm.clone();
        one[7].stuck[1] = 1.0;
        assert!(!nobody_stuck(&[calm, one]));
    }
}
