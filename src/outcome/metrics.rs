//! Metrics: figures that sum up one run, each a function of the world and what the run published.
//!
//! [`METRICS`] is the one list of them; `docs/metrics.md` shows it, and says what is not modelled and why. Figures are in
//! people: simulated persons times [`World::scale`]. A figure that has no value (a rate of nobody, a queue that never cleared)
//! is `None`, never 0.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::engine::Counts;
use crate::engine::agents::State;
use crate::scenario::world::{Day, World};

use super::{Outcome, fairness, harm, livelihoods, living, moves, needs, response, savings, solutions, stuck};

/// What is known of a metric, and how it is made.
#[derive(Debug, Clone, Copy)]
pub struct MetricInfo {
    /// Id: `M03`, or `M05_p90` where a metric has several figures.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Whether less is better for the people concerned; `None`: neither.
    pub lower_is_better: Option<bool>,
    /// Formula in words and signs.
    pub formula: &'static str,
    /// Function that makes it.
    pub function: &'static str,
    compute: fn(&Facts<'_>) -> Value,
}

/// A metric that no run gives, and why.
#[derive(Debug, Clone, Copy)]
pub struct NotModelled {
    /// Id.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Why not, and where something near to it is.
    pub reason: &'static str,
}

/// The value of a metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Value {
    /// For everybody.
    pub overall: Option<f64>,
    /// By group id; empty where groups cannot be told apart.
    pub by_group: BTreeMap<String, Option<f64>>,
    /// By what people share across groups: `status:migrant`, `nationality:EGY` (of several groups), `sex:female`, `age:0-4`.
    pub by_trait: BTreeMap<String, Option<f64>>,
    /// What a number cannot say: the date and place of a peak, the name of the worst-off group.
    pub note: String,
}

/// All metrics of one run, by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    values: BTreeMap<&'static str, Value>,
}

impl Measured {
    /// The metric `id`.
    pub fn get(&self, id: &str) -> Option<&Value> {
        self.values.get(id)
    }

    /// The figure of the metric `id` for everybody.
    pub fn overall(&self, id: &str) -> Option<f64> {
        self.get(id)?.overall
    }

    /// All metrics, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.values.iter().map(|(id, value)| (*id, value))
    }
}

/// What is known of the metric `id`.
pub fn info(id: &str) -> Option<&'static MetricInfo> {
    METRICS.iter().find(|m| m.id == id)
}

/// Every metric of a run of `world`.
pub fn measure(world: &World, outcome: &Outcome) -> Measured {
    let facts = Facts::new(world, outcome);
    Measured { values: METRICS.iter().map(|m| (m.id, (m.compute)(&facts).finite())).collect() }
}

const LOWER: Option<bool> = Some(true);
const HIGHER: Option<bool> = Some(false);
const NEITHER: Option<bool> = None;

macro_rules! metrics {
    ($($id:literal, $better:ident, $function:path, $name:literal, $unit:literal, $formula:literal;)*) => {
        /// Every metric of a run, in the order of their ids.
        pub const METRICS: &[MetricInfo] = &[$(MetricInfo {
            id: $id,
            name: $name,
            unit: $unit,
            lower_is_better: $better,
            formula: $formula,
            function: stringify!($function),
            compute: $function,
        }),*];
    };
}

metrics! {
    "M01_left", NEITHER, moves::left_home, "Left their homes", "persons",
        "sum over days of persons who left the place where they had lived, and those displaced from the first day";
    "M01_out", NEITHER, moves::out_of_country, "Departures from the country of the crisis", "persons",
        "sum over days of persons who set out over a link from inside to abroad, by own means or with a seat; who comes back and leaves again counts again";
    "M01_crossed", NEITHER, moves::crossed, "Border crossings over land or by boat without a seat", "persons",
        "sum over days of persons who came over a border link: over land, or by boat without a seat; people of flows.csv left out";
    "M01_home", HIGHER, moves::arrived, "Journeys that ended at home or where they were meant to end", "persons",
        "persons arrived at the end of the run";
    "M01_safe", HIGHER, moves::in_safety, "Out of harm's way", "persons",
        "persons arrived + persons present, abroad or in a camp, where the intensity is below the danger threshold, at the end";
    "M02", LOWER, stuck::stranded_at_end, "Stranded at the end", "persons",
        "S(T), S(t) = persons stranded on day t, T the last day";
    "M02_spells", LOWER, stuck::stranded_spells, "Spells of stranding", "persons",
        "ended and unended spells of a long wait without a feasible way; who is stranded twice counts twice";
    "M02_waiting", LOWER, stuck::waiting_at_end, "Waiting at the end", "persons",
        "persons who want to go on and are not yet served on the last day, the stranded included";
    "M03", LOWER, stuck::stranded_person_days, "Stranded person-days", "person-days",
        "sum over t of S(t); by sex and age from spells, which include long waits in danger";
    "M04", LOWER, stuck::stranded_peak, "Peak of people stranded", "persons",
        "max over t of S(t)";
    "M04_day", NEITHER, stuck::stranded_peak_day, "Day of the peak of people stranded", "day of the run, from 1",
        "first t with S(t) = max";
    "M05_p50", LOWER, stuck::spell_median, "Median spell of stranding", "days",
        "Kaplan-Meier: least d with prod over u <= d of (1 - ended_u / at_risk_u) <= 0.5, from the day on which the wait became long (D)";
    "M05_p90", LOWER, stuck::spell_p90, "Spell of stranding that one in ten exceeds", "days",
        "Kaplan-Meier, likewise <= 0.1";
    "M06", LOWER, stuck::clearance, "Clearance time", "days",
        "first t after the peak from which on S <= 0.1 max S, minus the day of the peak; none: not cleared";
    "M07", LOWER, stuck::trapped_person_days, "Trapped person-days", "person-days",
        "sum over t of persons in danger (intensity at or above the threshold) without a feasible way";
    "M07_end", LOWER, stuck::trapped_at_end, "Trapped at the end", "persons",
        "persons trapped on the last day";
    "M07_peak", LOWER, stuck::trapped_peak, "Peak of people trapped", "persons",
        "max over t of persons trapped";
    "M07_staying", NEITHER, stuck::staying_person_days, "Person-days in danger with a feasible way, not leaving", "person-days",
        "sum over t of persons in danger who have a feasible way; kept apart from M07";
    "M08", LOWER, harm::exposure, "Exposure", "person-days times intensity",
        "sum over t, places of x(t, place) * (settled + present), x = larger of conflict and hazard, 0-1; links not counted";
    "M08_high", LOWER, harm::high_exposure, "Person-days at an intensity of 0.5 or more", "person-days",
        "sum over t, places with x >= 0.5 of (settled + present)";
    "M09_p50", LOWER, response::assisted_half, "Days until half of those assisted had left", "days since onset",
        "first t with assisted(0..t) >= 0.5 assisted(0..T), minus onset";
    "M09_p90", LOWER, response::assisted_most, "Days until nine in ten of those assisted had left", "days since onset",
        "first t with assisted(0..t) >= 0.9 assisted(0..T), minus onset";
    "M09_wait", LOWER, response::mean_wait, "Mean wait for a grant of a service", "days",
        "person-days in waiting / persons granted by any service (Little's law)";
    "M10", HIGHER, response::demand_covered, "Evacuation demand covered", "share",
        "assisted / (assisted + waiting at the end)";
    "M10_assisted", HIGHER, response::assisted, "Persons granted assistance", "persons",
        "sum over days of persons granted by services that are assistance; a second leg counts again";
    "M11", HIGHER, response::seat_use, "Seat use", "share",
        "seats used / seats offered, services that are assistance";
    "M12_queue", LOWER, response::crossing_queue, "Longest queue at a border crossing", "persons",
        "max over t, limited crossings of persons waiting there";
    "M12_wait_p50", LOWER, response::crossing_wait_median, "Median wait at border crossings", "days",
        "first in, first out: person n of those let through by day t joined on the first s with let through(0..s) + waiting(s) >= n; t - s";
    "M12_wait_p90", LOWER, response::crossing_wait_p90, "Wait at border crossings that one in ten exceeds", "days",
        "likewise, 90 %";
    "M12_refusals", LOWER, response::refusals, "Refusals at borders", "refusals",
        "sum over days of persons turned back; each attempt counts";
    "M12_utilisation", LOWER, response::crossing_utilisation, "Utilisation of the busiest border crossing", "share",
        "max over limited crossings of (let through + waiting at the end) / capacity; above 0.9 queues grow fast, at 1 without end";
    "M13", LOWER, harm::risk_index, "Protection-risk index, mean", "ordinal, 0-1",
        "mean over person-days of R = 1 - exp(-T V / max(C, 0.1)): T = min(1, ambient + conflict), V = (0.5 + target) * papers * (1 + tier step if stranded), C = 1 + shelter protection * share sheltered; compare strategies only";
    "M13_p90", LOWER, harm::risk_index_p90, "Protection-risk index that one person-day in ten exceeds", "ordinal, 0-1",
        "90 % point of R over person-days";
    "M14", LOWER, harm::severe_risk, "Person-days at severity 4 or 5", "person-days",
        "person-days with R >= 0.35; cut-points of severity 2 to 5: R = 0.05, 0.15, 0.35, 0.6";
    "M15_violence", LOWER, harm::violence, "Violence", "per 1000 person-days on the move",
        "1000 * incidents / person-days of those who have left and not arrived";
    "M15_detention", LOWER, harm::detention_rate, "Arbitrary detention", "per 1000 person-days on the move",
        "likewise";
    "M15_robbery", LOWER, harm::robbery, "Robbery and extortion", "per 1000 person-days on the move",
        "likewise";
    "M15_illness", LOWER, harm::illness, "Illness that is not treated", "per 1000 person-days on the move",
        "likewise";
    "M16", LOWER, harm::exploitation, "Trafficking and exploitation", "per 1000 person-days on the move",
        "likewise";
    "M17", LOWER, harm::separation, "Family separation", "per 1000 person-days on the move",
        "1000 * persons in parties that were separated / person-days on the move";
    "M18", LOWER, harm::detention_person_days, "Person-days in detention", "person-days",
        "sum over t of persons detained";
    "M18_end", LOWER, harm::detained_at_end, "Detained at the end", "persons",
        "persons detained on the last day";
    "M18_share", LOWER, harm::detained_share, "Share of the time on the move spent in detention", "share",
        "person-days in detention / person-days of those who have left and not arrived";
    "M19", LOWER, harm::deaths, "Deaths and missing", "persons",
        "sum over days of persons who died or went missing on the way or while waiting";
    "M19_rate", LOWER, harm::death_rate, "Deaths and missing per 1000 who left", "per 1000 persons who left",
        "1000 * deaths / persons who left their homes";
    "M19_sea", LOWER, harm::sea_death_rate, "Deaths and missing at sea per 1000 who attempt", "per 1000 attempts",
        "1000 * deaths / (entered by own means + deaths), sea links to another country";
    "M19_land", LOWER, harm::land_death_rate, "Deaths and missing on land routes per 1000 attempts", "per 1000 attempts",
        "1000 * deaths / (entered by own means + deaths), road and foot links; one attempt for each link";
    "M19_crude", LOWER, harm::crude_mortality, "Crude mortality of those on the move", "per 10000 person-days",
        "10000 * deaths / person-days of those who have left and not arrived; warning line 1";
    "M20", LOWER, living::shelter_gap, "Nights without shelter", "person-nights",
        "sum over t, sites of max(0, present - under a roof)";
    "M20_peak", LOWER, living::shelter_gap_peak, "Largest shelter gap", "persons",
        "max over t of the sum over sites of max(0, present - under a roof)";
    "M21", LOWER, living::occupancy, "Occupancy of shelter", "persons per place",
        "person-nights at sites with shelter places / place-nights there";
    "M21_peak", LOWER, living::occupancy_peak, "Highest occupancy of a site", "persons per place",
        "max over t, sites with shelter places of present / places";
    "M21_area", HIGHER, living::covered_area, "Least covered area for a person at a site", "square metres per person",
        "3.5 square metres per shelter place (Sphere) / M21_peak; what is built is not modelled";
    "M22", LOWER, needs::water_gap, "Days without water and sanitation", "person-days",
        "sum over t, sites and places with wash of max(0, present - reached by it); none where no strategy of the scenario gives any: what is there is then not known";
    "M22_water", NEITHER, living::water_needed, "Water needed at sites on the fullest day", "litres/day",
        "15 litres per person and day (Sphere) * max over t of persons at sites";
    "M22_toilets", NEITHER, living::toilets_needed, "Toilets needed at sites on the fullest day", "toilets",
        "max over t of persons at sites / 20 (Sphere)";
    "M23", LOWER, needs::unmet_needs, "Unmet basic needs", "share",
        "mean over those of a roof, water and sanitation, food and relief items, health care that a strategy of the scenario gives of the share of person-days at sites, and where it is given, that go without";
    "M23_relief", LOWER, needs::relief_gap, "Days without food and relief items", "person-days",
        "sum over t, sites and places with relief of max(0, present - reached by it); none where no strategy of the scenario gives any";
    "M23_health", LOWER, needs::health_gap, "Days without health care", "person-days",
        "sum over t, sites and places with health of max(0, present - reached by it); none where no strategy of the scenario gives any";
    "M23_contacts", HIGHER, needs::psychosocial_contacts, "Psychosocial support", "person-days",
        "sum over t, places of persons reached by psychosocial; no effect on harm or movement is modelled";
    "M24", LOWER, living::host_pressure, "Host pressure, highest of a place", "persons per 100 residents",
        "max over t, places with stated residents of 100 * present / residents";
    "M25", LOWER, needs::load, "Highest load of a service at a place", "persons per place",
        "max over t, places, those of shelter, wash, relief and health with a stated capacity, of present / capacity; crossings: M12_utilisation";
    "M26", LOWER, living::tension, "Tension between residents and newcomers, speculative", "index, 0-1",
        "max over t, places with stated residents of Z(t+1) = memory Z + pressure max(0, H - threshold) + unequal_aid U - support S; H as in M24, U = share of newcomers with relief items or a roof * (1 - S), S = share reached by host_support; none where tension.pressure is 0";
    "M27", LOWER, livelihoods::remittances_lost, "Remittances lost", "USD",
        "sum over groups with remittance_usd_month, days of (persons away from home and work + sum over places of settled * economic downturn, 0-1) * remittance / 30.44";
    "M28", LOWER, savings::spent, "Savings paid or lost on the way", "share",
        "1 - money left at the end / money that those who left set out with or were given; debt is not modelled";
    "M28_short", LOWER, savings::short_of_fare, "Waiting with less than the way costs", "share",
        "of persons waiting at the end who have a home to go to, those with less money than the cheapest way there, by own means or with tickets that are no assistance, whatever the dates and rules";
    "M29", HIGHER, response::informed, "Informed a week after onset", "share",
        "sum over groups of persons * K_g(onset + 7) / persons, K_g = 1 / (1 + exp(-(t - info day) / width))";
    "M29_lag", LOWER, response::information_lag, "Days until half are informed", "days since onset",
        "first t with half of all persons informed, minus onset";
    "M30", LOWER, response::misled, "Waiting on news that is no longer true", "share",
        "sum over t of persons waiting for a service of whose wait they were told what has changed by more than a day and a quarter of it since / sum over t of persons waiting";
    "M31", HIGHER, response::documented, "Documented share", "share",
        "(persons with travel documents at the start + documents issued) / persons";
    "M31_issued", HIGHER, response::documents_issued, "Travel documents issued", "persons",
        "sum over days of persons served at desks that issue documents";
    "M32_shelter", LOWER, living::shelter_exclusion, "Nights at sites that were without shelter", "share",
        "M20 / person-nights at sites";
    "M33", LOWER, needs::duplication, "Help that reaches people twice", "share",
        "sum over t, places, kinds of care of persons reached a second time / persons reached, each time counted; 0 with one provider of a kind, or under coordination";
    "M34", HIGHER, solutions::progress, "Progress towards durable solutions", "share",
        "mean over safety, a roof and documents (criteria 1, 5 and part of 2 of the IASC Framework 2010; the others are not represented) of the share of people who have them on the last day: (M01_safe - stranded there) / left; 1 - without a roof at sites / left; M31";
    "M35", LOWER, solutions::uprooted_again, "Must move again", "persons",
        "sum over days of persons in refuge, in a camp or back home for at most 90 days when the place rises above the danger threshold";
    "M36", HIGHER, response::reintegration, "Reintegration support rate", "share",
        "persons supported after coming home / persons who have come home";
    "M37", LOWER, fairness::gap, "Equity gap between nationalities", "days per person",
        "max - min over groups of (stranded + trapped person-days) / persons; groups under 30 simulated persons pooled";
    "M37_ratio", LOWER, fairness::ratio, "Equity ratio between nationalities", "1",
        "max / min, likewise";
    "M37_status", LOWER, fairness::status_gap, "Equity gap between legal statuses", "days per person",
        "max - min over statuses, likewise";
    "M37_sex", LOWER, fairness::sex_gap, "Equity gap between women and men", "days per person",
        "difference of stranded person-days / persons, both from the composition of parties";
    "M37_age", LOWER, fairness::age_gap, "Equity gap between ages", "days per person",
        "max - min over ages 0-4, 5-11, 12-17, 18-59, 60+, likewise";
    "M37_arrived", LOWER, fairness::arrival_gap, "Gap between nationalities in the share that arrived", "share",
        "max - min over groups of arrived / persons, pooled likewise";
    "M38", LOWER, fairness::gini, "Gini of days stranded", "0-1",
        "1 - sum over k of w_k (C_k + C_(k-1)) / (W C_n), persons who left, sorted by days; spells taken as persons";
    "M39", LOWER, fairness::worst_off, "Days stranded or trapped per person of the worst-off group", "days per person",
        "max over groups, pooled as in M37";
    "M40", LOWER, response::cost, "Cost of the response", "USD",
        "sum over assistance of fixed cost + cost per person * granted, over desks of cost * served, over shelters of cost * places * days, over other interventions of fixed cost, over care and reception of what they were paid";
    "M40_per_person", LOWER, response::cost_per_person, "Cost per person assisted", "USD per person",
        "cost / (persons granted assistance + persons served at desks)";
    "M43", LOWER, response::tracking_error, "Tracking error", "share",
        "sum over days, clauses of triggers that count people of abs(seen - latest true count) / sum of the true counts; what is not seen yet counts as 0";
    "M44", LOWER, livelihoods::disrupted, "Disrupted mobility cycles", "share",
        "1 - kept / (kept + missed), persons of cycles.csv whose planned move was kept or missed by the end";
    "M44_missed", LOWER, livelihoods::missed_moves, "Seasonal and nomadic moves missed", "persons",
        "persons of cycles.csv for whom the days of grace ended before the way was open and safe";
    "M44_late", LOWER, livelihoods::delay, "Median delay of seasonal and nomadic moves", "days",
        "median over the moves kept of the day of setting out minus the day planned";
    "M45", LOWER, response::lag, "Response lag", "days since onset",
        "first day with somebody assisted, or served at a desk, minus onset (first day with any intensity above 0)";
}

/// Metrics of `docs/metrics.md` that one run does not give.
pub const NOT_MODELLED: &[NotModelled] = &[
    NotModelled {
        id: "M41",
        name: "Cost per stranded-day averted",
        reason: "needs two strategies: see the comparison",
    },
    NotModelled {
        id: "M42",
        name: "Incremental cost-effectiveness",
        reason: "needs two strategies: see the comparison",
    },
    NotModelled {
        id: "M46",
        name: "Robustness (regret, chance of being better)",
        reason: "needs several strategies: see the comparison",
    },
    NotModelled {
        id: "M47",
        name: "Fit to observed data",
        reason: "needs the record of the scenario: see fit.csv and `fit` in summary.json",
    },
];

/// What metrics are made from: the world, the outcome, and sums that several of them need.
pub(super) struct Facts<'a> {
    pub world: &'a World,
    pub outcome: &'a Outcome,
    pub groups: usize,
    /// People that one simulated person stands for.
    pub scale: f64,
    /// Simulated persons of each group, wherever they are, the dead included.
    pub population: Vec<f64>,
    /// Simulated persons of each group who have left their homes.
    pub left: Vec<f64>,
    /// Stranded, by day and group.
    pub stranded: Vec<Vec<u64>>,
    /// Trapped, by day and group.
    pub trapped: Vec<Vec<u64>>,
    /// First day with an intensity above 0 anywhere; 0 if there is none.
    pub onset: usize,
    /// See `harm::risk_spread`; made when first asked for.
    pub risk_spread: OnceCell<Vec<Vec<f64>>>,
    cohorts: Vec<(Cohort, Vec<usize>)>,
}

/// For whom a value is made.
enum Cohort {
    Everybody,
    Group(String),
    Trait(String),
}

/// Simulated persons by day and group: sums over places of a `places x groups` table.
fn by_day_and_group(outcome: &Outcome, groups: usize, table: impl Fn(&Counts) -> &[u32]) -> Vec<Vec<u64>> {
    let mut days = vec![vec![0; groups]; outcome.days.len()];
    for (sums, counts) in days.iter_mut().zip(&outcome.days) {
        for row in table(counts).chunks_exact(groups.max(1)) {
            sums.iter_mut().zip(row).for_each(|(sum, persons)| *sum += u64::from(*persons));
        }
    }
    days
}

impl<'a> Facts<'a> {
    pub fn new(world: &'a World, outcome: &'a Outcome) -> Self {
        let groups = world.groups.len();
        let last = outcome.days.last();
        let left: Vec<f64> = (0..groups)
            .map(|g| State::ALL.iter().map(|s| f64::from(last.map_or(0, |l| l.in_state(g, *s)))).sum())
            .collect();
        let population = (0..groups)
            .map(|g| left[g] + last.map_or(0, |l| l.settled.iter().skip(g).step_by(groups).sum::<u32>()) as f64)
            .collect();
        let onset = (0..world.days).find(|day| {
            [&world.conflict, &world.hazard, &world.economy].iter().any(|kind| kind.on(*day).iter().any(|x| *x > 0.0))
        });
        Self {
            world,
            outcome,
            groups,
            scale: f64::from(world.scale),
            population,
            left,
            stranded: by_day_and_group(outcome, groups, |c| &c.stranded),
            trapped: by_day_and_group(outcome, groups, |c| &c.trapped),
            onset: usize::from(onset.unwrap_or(0)),
            risk_spread: OnceCell::new(),
            cohorts: cohorts(world),
        }
    }

    /// What the last day published.
    pub fn last(&self) -> Option<&'a Counts> {
        self.outcome.days.last()
    }

    /// For each day: what it published, and its number.
    pub fn days(&self) -> impl Iterator<Item = (Day, &'a Counts)> {
        self.outcome.days.iter().enumerate().map(|(day, counts)| (day as Day, counts))
    }

    /// Larger of conflict and hazard at `place` on `day`, 0-1.
    pub fn intensity(&self, day: Day, place: usize) -> f64 {
        crate::engine::strand::intensity(self.world, day, place)
    }

    /// A day and a place, for notes.
    pub fn when_and_where(&self, day: usize, place: usize) -> String {
        format!("{} at {}", self.date(day), self.world.places[place].name)
    }

    /// Date of a day of the run.
    pub fn date(&self, day: usize) -> String {
        date(self.world, day).to_string()
    }

    /// Sum over days of a figure of each group.
    pub fn total(&self, figure: impl Fn(&Counts, usize) -> u32) -> Vec<f64> {
        (0..self.groups).map(|g| self.outcome.days.iter().map(|c| f64::from(figure(c, g))).sum()).collect()
    }

    /// Person-days of those who have left and neither arrived nor died, by group.
    pub fn days_on_the_move(&self) -> Vec<f64> {
        const ON_THE_MOVE: [State; 4] = [State::Resting, State::EnRoute, State::Waiting, State::Detained];
        self.total(|c, g| ON_THE_MOVE.iter().map(|s| c.in_state(g, *s)).sum())
    }

    /// The value for everybody, for each group and for each status, of a figure of a list of groups.
    pub fn for_each_cohort(&self, figure: impl Fn(&[usize]) -> Option<f64>) -> Value {
        let mut value = Value::default();
        for (cohort, groups) in &self.cohorts {
            let figure = figure(groups);
            match cohort {
                Cohort::Everybody => value.overall = figure,
                Cohort::Group(id) => drop(value.by_group.insert(id.clone(), figure)),
                Cohort::Trait(name) => drop(value.by_trait.insert(name.clone(), figure)),
            }
        }
        value
    }

    /// People: simulated persons of each group, times the scale.
    pub fn people(&self, by_group: &[f64]) -> Value {
        self.for_each_cohort(|groups| Some(self.scale * groups.iter().map(|g| by_group[*g]).sum::<f64>()))
    }

    /// `factor * above / below`, each summed over groups first.
    pub fn ratio(&self, factor: f64, above: &[f64], below: &[f64]) -> Value {
        self.for_each_cohort(|groups| {
            let sum = |by_group: &[f64]| groups.iter().map(|g| by_group[*g]).sum::<f64>();
            share(factor * sum(above), sum(below))
        })
    }
}

fn cohorts(world: &World) -> Vec<(Cohort, Vec<usize>)> {
    let mut cohorts = vec![(Cohort::Everybody, (0..world.groups.len()).collect())];
    let mut traits: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, group) in world.groups.iter().enumerate() {
        cohorts.push((Cohort::Group(group.id.clone()), vec![index]));
        traits.entry(format!("status:{}", group.status)).or_default().push(index);
        traits.entry(format!("nationality:{}", group.nationality)).or_default().push(index);
    }
    // A nationality of one group says nothing that the group does not.
    traits.retain(|name, groups| groups.len() > 1 || !name.starts_with("nationality:"));
    cohorts.extend(traits.into_iter().map(|(name, groups)| (Cohort::Trait(name), groups)));
    cohorts
}

/// `above / below`, if there is anything below.
pub(super) fn share(above: f64, below: f64) -> Option<f64> {
    (below > 0.0).then(|| above / below)
}

/// The first of `bins` up to which a share `p` of all lies; `None` where there is nothing in them.
pub(super) fn quantile_bin(bins: &[f64], p: f64) -> Option<usize> {
    let all: f64 = bins.iter().sum();
    let mut so_far = 0.0;
    let at = bins.iter().position(|inside| {
        so_far += inside;
        so_far >= p * all
    })?;
    (all > 0.0).then_some(at)
}

/// Date of the last day of a run of `world`.
pub fn last_date(world: &World) -> chrono::NaiveDate {
    date(world, usize::from(world.days).saturating_sub(1))
}

/// Date of day `day` (from 0) of a run of `world`.
pub fn date(world: &World, day: usize) -> chrono::NaiveDate {
    world.start.checked_add_days(chrono::Days::new(day as u64)).unwrap_or(chrono::NaiveDate::MAX)
}

/// Position and value of the first largest of `values`, if it is above 0.
pub(super) fn peak(values: impl IntoIterator<Item = u64>) -> Option<(usize, u64)> {
    let first_largest = |best: Option<(usize, u64)>, (at, value): (usize, u64)| match best {
        Some((_, most)) if most >= value => best,
        _ => Some((at, value)),
    };
    values.into_iter().enumerate().fold(None, first_largest).filter(|(_, most)| *most > 0)
}

impl Value {
    /// A figure for everybody only.
    pub fn of(overall: Option<f64>) -> Self {
        Self { overall, ..Self::default() }
    }

    /// With a note.
    pub fn with_note(self, note: String) -> Self {
        Self { note, ..self }
    }

    fn finite(mut self) -> Self {
        let slots = self.by_group.values_mut().chain(self.by_trait.values_mut()).chain([&mut self.overall]);
        slots.for_each(|slot| *slot = slot.filter(|figure| figure.is_finite()));
        self
    }
}
