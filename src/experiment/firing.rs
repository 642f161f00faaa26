//! When triggers fired: the log of one run.

use chrono::NaiveDate;

use crate::scenario::world::{Day, World};

/// A trigger in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    /// Name of the strategy.
    pub strategy: String,
    /// Number of the run, from 0.
    pub replication: u32,
    /// What the trigger starts.
    pub starts: String,
    /// Its condition.
    pub condition: String,
    /// Day on which it fired; `None`: never.
    pub fired: Option<NaiveDate>,
    /// Day on which what it starts begins; `None`: never within the run.
    pub begins: Option<NaiveDate>,
    /// Days from firing to the peak of people stranded, below 0 where it fired after it.
    pub days_to_peak: Option<i64>,
}

/// The log of replication `replication` of `world`: `fired` by trigger, and the day of the peak of people stranded, if there was one.
pub fn log(world: &World, replication: u32, fired: &[Option<Day>], peak: Option<Day>) -> Vec<Fired> {
    let date = |day: Day| world.start + chrono::Days::new(u64::from(day));
    let one = |(trigger, fired): (&crate::scenario::world::Trigger, &Option<Day>)| Fired {
        strategy: world.strategy.clone(),
        replication,
        starts: trigger.name.clone(),
        condition: trigger.text.clone(),
        fired: fired.map(date),
        begins: trigger.begins(*fired).filter(|day| *day < world.days).map(date),
        days_to_peak: fired.zip(peak).map(|(fired, peak)| i64::from(peak) - i64::from(fired)),
    };
    world.response.triggers.iter().zip(fired).map(one).collect()
}
