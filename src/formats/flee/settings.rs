//! `simsetting.yml`: every key that Flee's code reads, with its default.

use std::cell::RefCell;
use std::path::Path;

use serde_saphyr::Spanned;

use super::cells::{MOST, text};
use super::section::{Node, Section, parse};
use crate::scenario::problem::Problems;

/// Whether arrivals come from the record of camps or from what happens in the places.
#[derive(Debug, Clone, PartialEq)]
pub enum SpawnMode {
    /// From the record of the camps, drawn over the places in conflict.
    FromRecord,
    /// From each place in conflict.
    Conflict {
        /// How the number is made.
        rate: SpawnRate,
        /// `displaced_per_conflict_day`: agents a day, or share of the residents, at intensity 1. Not divided by `hasten`.
        per_day: f64,
    },
    /// From each flooded place.
    Flood {
        /// How the number is made.
        rate: SpawnRate,
        /// `displaced_per_flood_day`: agents a day, or share of the residents, by flood level.
        per_day: Vec<f64>,
    },
}

/// How a place's number of new agents is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpawnRate {
    /// That many.
    Constant,
    /// That share of the residents.
    PopulationRatio,
    /// Drawn from a Poisson distribution with that mean.
    Poisson,
}

/// Section `spawn_rules`.
#[derive(Debug, Clone, PartialEq)]
pub struct SpawnRules {
    /// Each new agent is one resident less.
    pub take_from_population: bool,
    /// The camps hold on day 0 what the record says; nobody new arrives on day 0.
    pub insert_day0: bool,
    /// The camps start empty and the record is lowered by its day-0 value.
    pub empty_camps_on_day0: bool,
    /// Only places in conflict have a weight.
    pub conflict_zone_spawning_only: bool,
    /// Floods instead of conflicts.
    pub flood_zone_spawning_only: bool,
    /// Arrivals from the sum of the camps, else from `total`.
    pub sum_from_camps: bool,
    /// Camps remove agents; the key is spelt `camps_are_sicks`.
    pub camps_are_sinks: bool,
    /// Agents come from agents.csv as well.
    pub read_from_agents_csv_file: bool,
    /// Weights include food insecurity.
    pub starvation_driven_spawning: bool,
    /// Multiplier of a conflict's weight by its age, one value for each interval; empty: no decay.
    pub conflict_spawn_decay: Vec<f64>,
    /// Days in each interval.
    pub conflict_spawn_decay_interval: u32,
    /// Mean number of an agent's connections.
    pub average_social_connectivity: f64,
    /// Where arrivals come from.
    pub mode: SpawnMode,
}

/// Section `move_rules`. Speeds in km/day, chances per day, distances in km.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each field is the key of the same name, described in docs/flee.md")]
pub struct MoveRules {
    pub max_move_speed: f64,
    pub max_walk_speed: f64,
    pub max_crossing_speed: f64,
    pub foreign_weight: f64,
    pub camp_weight: f64,
    pub conflict_weight: f64,
    pub conflict_movechance: f64,
    pub camp_movechance: f64,
    pub idpcamp_movechance: f64,
    pub default_movechance: f64,
    pub movechance_pop_base: f64,
    pub movechance_pop_scale_factor: f64,
    pub awareness_level: i64,
    pub capacity_buffer: f64,
    pub capacity_scaling: f64,
    pub avoid_short_stints: bool,
    pub start_on_foot: bool,
    pub softening: f64,
    pub weight_softening: f64,
    pub weight_power: f64,
    pub distance_power: f64,
    pub stay_close_to_home: bool,
    pub home_distance_power: f64,
    pub use_pop_for_loc_weight: bool,
    pub pop_power_for_loc_weight: f64,
    pub pruning_threshold: f64,
    pub fixed_routes: bool,
    pub two_system_decision_making: bool,
    pub use_economic_pull: bool,
    pub harvest_months: Vec<u32>,
    pub flee_when_starving: bool,
    pub avoid_food_deprived_locations: bool,
    pub women_avoid_hazards: bool,
    pub children_avoid_hazards: bool,
    pub elderly_avoid_hazards: bool,
    pub boys_take_risk: bool,
    pub match_camp_religion: bool,
    pub match_camp_ethnicity: bool,
    pub match_town_ethnicity: bool,
    pub match_conflict_ethnicity: bool,
    pub avg_religion_fraction: f64,
    pub flood_rules: Option<FloodRules>,
}

/// Section `move_rules.flood_rules`; lists are by flood level, or by day of the forecast.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "each field is the key of the same name, described in docs/flee.md")]
pub struct FloodRules {
    pub max_flood_level: i64,
    pub flood_movechances: Vec<f64>,
    pub flood_loc_weights: Vec<f64>,
    pub flood_link_weights: Vec<f64>,
    pub flood_forecaster: bool,
    pub flood_forecaster_timescale: i64,
    pub flood_forecaster_weights: Vec<f64>,
    pub flood_forecaster_end_time: i64,
    pub flood_awareness_weights: Vec<f64>,
}

/// Section `log_levels`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the key of the same name, described in docs/flee.md")]
pub struct LogLevels {
    pub agent: i64,
    pub link: i64,
    pub camp: i64,
    pub init: i64,
    pub conflict: i64,
    pub idp_totals: i64,
    pub granularity: String,
}

/// Everything that simsetting.yml sets.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `spawn_rules`.
    pub spawn: SpawnRules,
    /// `move_rules`.
    pub moves: MoveRules,
    /// `log_levels`.
    pub log: LogLevels,
    /// `optimisations.hasten`: persons for each agent, at least 1.
    pub hasten: u32,
    /// Intensity of a place that location_changes.csv makes a conflict zone. Flee cuts off its decimals.
    pub default_conflict_intensity: f64,
}

impl Settings {
    /// Reads the settings at `path`; everything wrong is added to `problems`, and its default stands in.
    pub(super) fn read(path: &Path, problems: &mut Problems) -> Settings {
        let file = path.display().to_string();
        let root = text(path, problems).and_then(|text| parse(&file, &text, problems));
        settings(root.as_ref(), &file, problems)
    }

    /// Whether places are flooded instead of in conflict: conflicts.csv is then not read.
    pub fn flood_driven(&self) -> bool {
        matches!(self.spawn.mode, SpawnMode::Flood { .. })
    }

    /// Multiplier of a conflict of `age` days (Flee: time minus time_of_conflict); 1 without a list.
    pub fn conflict_decay(&self, age: i64) -> f64 {
        let decay = &self.spawn.conflict_spawn_decay;
        let index = usize::try_from(age / i64::from(self.spawn.conflict_spawn_decay_interval)).unwrap_or(0);
        decay.get(index).or(decay.last()).copied().unwrap_or(1.0)
    }
}

/// The top level.
fn settings(root: Option<&Spanned<Node>>, file: &str, problems: &mut Problems) -> Settings {
    let found = RefCell::new(Problems::default());
    let mut top = Section::new("", root, file, &found);
    top.number("number_of_steps", -1.0, f64::MIN, f64::MAX);
    top.text("conflict_input_file", "");
    top.text("flood_level_input_file", "");
    let default_conflict_intensity = top.number("default_conflict_intensity", 1.0, 0.0, f64::MAX).trunc();
    let log = log_levels(top.section("log_levels"));
    let spawn = spawn_rules(top.section("spawn_rules"));
    let moves = move_rules(top.section("move_rules"), matches!(spawn.mode, SpawnMode::Flood { .. }));
    let mut optimisations = top.section("optimisations");
    let hasten = u32::try_from(optimisations.whole("hasten", 1, 1, i64::from(u32::MAX))).unwrap_or(1);
    optimisations.finish();
    top.finish();
    let mut found = found.into_inner().0;
    found.sort_by_key(|problem| problem.line);
    problems.0.extend(found);
    Settings { spawn, moves, log, hasten, default_conflict_intensity }
}

fn log_levels(mut section: Section<'_>) -> LogLevels {
    let log = LogLevels {
        agent: section.whole("agent", 0, -MOST, MOST),
        link: section.whole("link", 0, -MOST, MOST),
        camp: section.whole("camp", 0, -MOST, MOST),
        init: section.whole("init", 0, -MOST, MOST),
        conflict: section.whole("conflict", 0, -MOST, MOST),
        idp_totals: section.whole("idp_totals", 0, -MOST, MOST),
        granularity: section.word("granularity", "location", &["location", "region"]),
    };
    section.finish();
    log
}

const RATES: [&str; 3] = ["constant", "poisson", "pop_ratio"];

fn spawn_rate(word: &str) -> SpawnRate {
    match word {
        "pop_ratio" => SpawnRate::PopulationRatio,
        "poisson" => SpawnRate::Poisson,
        _ => SpawnRate::Constant,
    }
}

fn spawn_rules(mut section: Section<'_>) -> SpawnRules {
    let mut rules = SpawnRules {
        take_from_population: section.flag("take_from_population", false),
        insert_day0: section.flag("insert_day0", true),
        empty_camps_on_day0: section.flag("empty_camps_on_day0", false),
        conflict_zone_spawning_only: section.flag("conflict_zone_spawning_only", true),
        flood_zone_spawning_only: section.flag("flood_zone_spawning_only", false),
        sum_from_camps: section.flag("sum_from_camps", true),
        camps_are_sinks: section.flag("camps_are_sicks", false),
        read_from_agents_csv_file: section.flag("read_from_agents_csv_file", false),
        starvation_driven_spawning: section.flag("starvation_driven_spawning", false),
        conflict_spawn_decay: section.numbers("conflict_spawn_decay", &[]),
        conflict_spawn_decay_interval: u32::try_from(section.whole("conflict_spawn_decay_interval", 30, 1, 100_000))
            .unwrap_or(30),
        average_social_connectivity: section.number("average_social_connectivity", 3.0, 0.0, 1e6),
        mode: SpawnMode::FromRecord,
    };
    let mut conflict = section.section("conflict_driven_spawning");
    let (conflict_driven, rate) = (conflict.is_present, conflict.word("spawn_mode", "constant", &RATES));
    let per_day = match rate.as_str() {
        "pop_ratio" => conflict.number("displaced_per_conflict_day", 0.01, 0.0, f64::MAX),
        _ => conflict.number("displaced_per_conflict_day", 500.0, 0.0, f64::MAX).trunc(),
    };
    conflict.finish();
    let mut flood = section.section("flood_driven_spawn_mode");
    let (flood_driven, flood_rate) = (flood.is_present, flood.word("spawn_mode", "pop_ratio", &RATES));
    let by_level = match flood_rate.as_str() {
        "pop_ratio" => flood.numbers("displaced_per_flood_day", &[0.0, 0.1, 0.2, 0.5, 0.9]),
        _ => flood.numbers("displaced_per_flood_day", &[0.0, 100.0, 200.0, 300.0, 500.0]),
    };
    flood.known("flood_forecaster_timescale");
    flood.finish();
    if rules.flood_zone_spawning_only && rules.conflict_zone_spawning_only {
        let message = "both conflict_zone_spawning_only (on by default) and flood_zone_spawning_only are on";
        section.error("flood_zone_spawning_only", message, "set conflict_zone_spawning_only to False");
    }
    if rules.flood_zone_spawning_only {
        if flood_driven {
            rules.mode = SpawnMode::Flood { rate: spawn_rate(&flood_rate), per_day: by_level };
            if !rules.take_from_population {
                let message = "floods drive people out, but take_from_population is off";
                section.error("take_from_population", message, "set take_from_population to True");
            }
        }
    } else if conflict_driven {
        rules.mode = SpawnMode::Conflict { rate: spawn_rate(&rate), per_day };
    }
    section.finish();
    rules
}

fn move_rules(mut section: Section<'_>, flood_driven: bool) -> MoveRules {
    let most = f64::MAX;
    let mut rules = MoveRules {
        max_move_speed: section.number("max_move_speed", 360.0, f64::MIN_POSITIVE, most),
        max_walk_speed: section.number("max_walk_speed", 35.0, f64::MIN_POSITIVE, most),
        max_crossing_speed: section.number("max_crossing_speed", 20.0, 0.0, most),
        foreign_weight: section.number("foreign_weight", 1.0, 0.0, most),
        camp_weight: section.number("camp_weight", 1.0, 0.0, most),
        conflict_weight: section.number("conflict_weight", 1.0 / 3.162_277_660_17, 0.0, most),
        conflict_movechance: section.chance("conflict_movechance", 1.0),
        camp_movechance: section.chance("camp_movechance", 0.001),
        idpcamp_movechance: section.chance("idpcamp_movechance", 0.1),
        default_movechance: section.chance("default_movechance", 0.3),
        movechance_pop_base: section.number("movechance_pop_base", 10_000.0, f64::MIN_POSITIVE, most),
        movechance_pop_scale_factor: section.number("movechance_pop_scale_factor", 0.0, f64::MIN, most),
        awareness_level: section.whole("awareness_level", 1, -1, 100),
        capacity_buffer: section.number("capacity_buffer", 0.9, 0.0, most),
        capacity_scaling: section.number("capacity_scaling", 1.0, 0.0, most),
        avoid_short_stints: section.flag("avoid_short_stints", false),
        start_on_foot: section.flag("start_on_foot", false),
        softening: section.number("softening", 10.0, 0.0, most),
        weight_softening: section.number("weight_softening", 0.0, 0.0, most),
        weight_power: section.number("weight_power", 1.0, f64::MIN, most),
        distance_power: section.number("distance_power", 1.0, f64::MIN, most),
        stay_close_to_home: section.flag("stay_close_to_home", false),
        home_distance_power: section.number("home_distance_power", 0.5, f64::MIN, most),
        use_pop_for_loc_weight: section.flag("use_pop_for_loc_weight", false),
        pop_power_for_loc_weight: section.number("pop_power_for_loc_weight", 0.1, f64::MIN, most),
        pruning_threshold: section.number("pruning_threshold", 1.0, 0.0, most),
        fixed_routes: section.flag("fixed_routes", false),
        two_system_decision_making: section.flag("two_system_decision_making", false),
        use_economic_pull: section.flag("use_economic_pull", false),
        harvest_months: section.months("harvest_months"),
        flee_when_starving: section.flag("flee_when_starving", false),
        avoid_food_deprived_locations: section.flag("avoid_food_deprived_locations", false),
        women_avoid_hazards: section.flag("WomenAvoidHazards", false),
        children_avoid_hazards: section.flag("ChildrenAvoidHazards", false),
        elderly_avoid_hazards: section.flag("ElderlyAvoidHazards", false),
        boys_take_risk: section.flag("BoysTakeRisk", false),
        match_camp_religion: section.flag("MatchCampReligion", false),
        match_camp_ethnicity: section.flag("MatchCampEthnicity", false),
        match_town_ethnicity: section.flag("MatchTownEthnicity", false),
        match_conflict_ethnicity: section.flag("MatchConflictEthnicity", false),
        avg_religion_fraction: section.number("avg_religion_fraction", 0.25, f64::MIN_POSITIVE, most),
        flood_rules: None,
    };
    if rules.awareness_level == 0 {
        section.warning("awareness_level", "with 0 nobody moves in Flee", "write 1 for the next places only");
    }
    if section.flag("use_v1_rules", false) {
        rules.max_move_speed = 200.0;
        rules.start_on_foot = false;
        rules.avoid_short_stints = false;
        rules.camp_weight = 2.0;
        rules.conflict_weight = 0.25;
    }
    let mut flood = section.section("flood_rules");
    if flood.is_present {
        if !flood_driven {
            let message = "flood rules without floods that drive people out: Flee has no flood levels then";
            let fix = "set spawn_rules.flood_zone_spawning_only and flood_driven_spawn_mode, or delete flood_rules";
            section.error("flood_rules", message, fix);
        }
        rules.flood_rules = Some(FloodRules {
            max_flood_level: flood.whole("max_flood_level", -1, -1, 1000),
            flood_movechances: flood.numbers("flood_movechances", &[]),
            flood_loc_weights: flood.numbers("flood_loc_weights", &[]),
            flood_link_weights: flood.numbers("flood_link_weights", &[]),
            flood_forecaster: flood.flag("flood_forecaster", false),
            flood_forecaster_timescale: flood.whole("flood_forecaster_timescale", 0, 0, MOST),
            flood_forecaster_weights: flood.numbers("flood_forecaster_weights", &[]),
            flood_forecaster_end_time: flood.whole("flood_forecaster_end_time", 0, 0, MOST),
            flood_awareness_weights: flood.numbers("flood_awareness_weights", &[]),
        });
    }
    flood.finish();
    section.finish();
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Settings, Problems) {
        let mut problems = Problems::default();
        let root = parse("simsetting.yml", text, &mut problems);
        let settings = settings(root.as_ref(), "simsetting.yml", &mut problems);
        (settings, problems)
    }

    #[test]
    fn defaults_stand_in_for_missing_keys() {
        let (settings, problems) = read_text("move_rules:\noptimisations: {}\n");
        assert_eq!(problems, Problems::default());
        assert_eq!((settings.hasten, settings.moves.max_move_speed, settings.spawn.insert_day0), (1, 360.0, true));
        assert!((settings.moves.conflict_weight - 0.316_227_766).abs() < 1e-9);
        assert_eq!(settings.spawn.mode, SpawnMode::FromRecord);
        assert_eq!(settings.conflict_decay(100), 1.0);
    }

    #[test]
    fn values_are_read_as_python_would() {
        let text = "spawn_rules:\n  conflict_spawn_decay: [1.0, 0.5, 0.1]\n  insert_day0: no\n  sum_from_camps: FALSE\n\
                    move_rules:\n  max_move_speed: 4e2\n  awareness_level: 2.0\n  use_v1_rules: on\n\
                    optimisations:\n  hasten: 10 # comment\n  hasten: 20";
        let (settings, problems) = read_text(text);
        assert!(!problems.has_errors() && problems.0.len() == 1, "{problems}");
        assert_eq!((settings.hasten, settings.moves.max_move_speed, settings.moves.camp_weight), (20, 200.0, 2.0));
        assert!(!settings.spawn.insert_day0 && !settings.spawn.sum_from_camps);
        assert_eq!([-1, 29, 30, 60, 999].map(|age| settings.conflict_decay(age)), [1.0, 1.0, 0.5, 0.1, 0.1]);
    }

    #[test]
    fn conflict_and_flood_modes_are_told_apart() {
        let (settings, problems) = read_text("spawn_rules:\n  conflict_driven_spawning:\n    spawn_mode: Poisson\n");
        assert_eq!(problems, Problems::default());
        assert_eq!(settings.spawn.mode, SpawnMode::Conflict { rate: SpawnRate::Poisson, per_day: 500.0 });
        let (settings, problems) = read_text(
            "spawn_rules:\n  take_from_population: True\n  conflict_zone_spawning_only: False\n  flood_zone_spawning_only: True\n  \
             flood_driven_spawn_mode:\n    spawn_mode: constant\nmove_rules:\n  flood_rules:\n    flood_movechances: [0, 1]\n",
        );
        assert_eq!(problems, Problems::default());
        assert!(settings.flood_driven());
        assert_eq!(settings.moves.flood_rules.unwrap().flood_movechances, [0.0, 1.0]);
    }

    #[test]
    fn every_fault_names_its_line_and_key() {
        for (text, line, part) in [
            ("", 0, "empty file"),
            ("# only this\n", 0, "empty file"),
            ("a: [1,\nb: }", 1, "not YAML"),
            ("move_rules:\n  max_move_speed: fast\n", 2, "move_rules.max_move_speed"),
            ("move_rules:\n  max_move_speed: .nan\n", 2, "move_rules.max_move_speed"),
            ("move_rules:\n  camp_movechance: -0.1\n", 2, "at least 0"),
            ("move_rules:\n  camp_movechance:\n", 2, "a number"),
            ("move_rules: 3\n", 1, "not a section"),
            ("optimisations:\n\n  hasten: 0\n", 3, "at least 1"),
            ("optimisations:\n  hasten: 2.5\n", 2, "whole number"),
            ("spawn_rules:\n  insert_day0: maybe\n", 2, "True or False"),
            ("spawn_rules:\n  conflict_spawn_decay: 1\n", 2, "list"),
            ("spawn_rules:\n  flood_zone_spawning_only: True\n", 2, "both"),
            ("spawn_rules:\n  conflict_driven_spawning:\n    spawn_mode: some\n", 3, "pop_ratio"),
            ("move_rules:\n  flood_rules:\n    max_flood_level: 2\n", 2, "flood rules without floods"),
            ("move_rules:\n  harvest_months: [13]\n", 2, "months"),
        ] {
            let (_, problems) = read_text(text);
            let found = problems.0.iter().any(|problem| problem.line == line && problem.to_string().contains(part));
            assert!(problems.has_errors() && found, "{text:?}: {problems}");
        }
    }

    #[test]
    fn unknown_keys_are_warnings_with_the_nearest_known_one() {
        let text = "spawn_rules:\n  camps_are_sinks: True\nmove_rules:\n  max_move_sped: 3\n  zzz: 1\n";
        let (_, problems) = read_text(text);
        assert!(!problems.has_errors());
        let fixes: Vec<(usize, &str)> = problems.0.iter().map(|problem| (problem.line, problem.fix.as_str())).collect();
        assert_eq!(
            fixes,
            [
                (2, "write 'camps_are_sicks' if that is meant"),
                (4, "write 'max_move_speed' if that is meant"),
                (5, "delete the key")
            ]
        );
    }
}
