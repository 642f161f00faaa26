//! Parameters of the model: one table declares each of them once, with its default, unit, range and meaning.
//!
//! All are `f64`; hops are whole numbers, a flag is 0 or 1. A new parameter is one new line in the table below.

use toml::de::{DeTable, DeValue};

use super::keys::{Document, Entry, number};
use super::problem::{Problems, nearest};
use super::scenario::{Confidence, Provenance, Word};

/// What the table says about one parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParameterInfo {
    /// Section of `scenario.toml`.
    pub section: &'static str,
    /// Key in the section.
    pub name: &'static str,
    /// Value where `scenario.toml` gives none.
    pub default: f64,
    /// Unit; `1` where there is none.
    pub unit: &'static str,
    /// Least value allowed.
    pub min: f64,
    /// Greatest value allowed.
    pub max: f64,
    /// Meaning.
    pub doc: &'static str,
}

/// What `scenario.toml` says about a parameter beside its value.
#[derive(Debug, Clone, PartialEq)]
pub struct StatedParameter {
    /// Section and key, e.g. `departure.conflict`.
    pub name: String,
    /// Value used.
    pub value: f64,
    /// Least plausible value.
    pub low: Option<f64>,
    /// Greatest plausible value.
    pub high: Option<f64>,
    /// Where it comes from.
    pub provenance: Provenance,
    /// Line in `scenario.toml`, from 1.
    pub line: u32,
}

macro_rules! parameters {
    ($(
        $(#[doc = $section_doc:literal])+
        $section:ident: $struct:ident {
            $($(#[doc = $doc:literal])+ $name:ident: $default:literal, $unit:literal, $min:literal..=$max:literal;)*
        }
    )+) => {
        $(
            $(#[doc = $section_doc])+
            #[derive(Debug, Clone, Copy, PartialEq)]
            pub struct $struct {
                $($(#[doc = $doc])+ #[doc = concat!("\nUnit: ", $unit, "; default ", stringify!($default), "; range ", stringify!($min), " to ", stringify!($max), ".")] pub $name: f64,)*
            }

            impl Default for $struct {
                fn default() -> Self {
                    $struct { $($name: $default,)* }
                }
            }
        )+

        /// All parameters of a run, by section.
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct Parameters {
            $($(#[doc = $section_doc])+ pub $section: $struct,)+
            /// What the scenario says about the parameters that it sets, in the order in which it sets them.
            pub stated: Vec<StatedParameter>,
        }

        /// Names of the sections.
        pub const SECTIONS: &[&str] = &[$(stringify!($section)),+];

        /// Every parameter, in the order of the table.
        pub const PARAMETERS: &[ParameterInfo] = &[$($(ParameterInfo {
            section: stringify!($section),
            name: stringify!($name),
            default: $default,
            unit: $unit,
            min: $min,
            max: $max,
            doc: concat!($($doc),+).trim_ascii(),
        },)*)+];

        impl Parameters {
            /// The value of `section.name`, if there is such a parameter.
            fn slot(&mut self, section: &str, name: &str) -> Option<&mut f64> {
                match (section, name) {
                    $($((stringify!($section), stringify!($name)) => Some(&mut self.$section.$name),)*)+
                    _ => None,
                }
            }

            /// The value of the parameter with that dotted name, e.g. `departure.conflict`.
            pub fn get(&self, dotted: &str) -> Option<f64> {
                match dotted.split_once('.')? {
                    $($((stringify!($section), stringify!($name)) => Some(self.$section.$name),)*)+
                    _ => None,
                }
            }
        }
    };
}

parameters! {
    /// When people leave.
    departure: Departure {
        /// Hazard of leaving where nothing happens.
        base: 0.0, "1/day", 0.0..=100.0;
        /// Hazard of leaving per unit of conflict intensity.
        conflict: 0.1, "1/day per intensity", 0.0..=10.0;
        /// Weight of the country-wide beside the local conflict intensity.
        national_share: 0.2, "share", 0.0..=1.0;
        /// Hazard of leaving per unit of intensity of a sudden or slow hazard.
        hazard: 0.2, "1/day per intensity", 0.0..=10.0;
        /// Hazard of leaving per unit of intensity of an economic downturn.
        economy: 0.01, "1/day per intensity", 0.0..=10.0;
        /// Hazard of leaving per share of the own group at the place that already left.
        social: 0.0, "1/day per share", 0.0..=10.0;
        /// Calls by employers and States for each seat that they have on the day, among those whom they support.
        order: 1.0, "calls per seat", 0.0..=100.0;
        /// How strongly danger on the way holds people back: hazard times exp(-fear x danger of the best journey).
        fear: 0.0, "1", 0.0..=10.0;
    }
    /// Where people go.
    choice: Choice {
        /// How far ahead people look who seek safety; 0: whole journeys, as those see them who head home.
        horizon: 0.0, "hops", 0.0..=8.0;
        /// 1: people who look for safety see all camps that they can reach, each by the shortest way, and no other place; 0: all
        /// places within the horizon.
        camps_only: 0.0, "0 or 1", 0.0..=1.0;
        /// Added to the score of every place.
        weight_offset: 0.0, "1", 0.0..=100.0;
        /// Added to the length of every path.
        distance_offset: 10.0, "km", 0.0..=10000.0;
        /// Power of the length of a path.
        distance_power: 1.0, "1", 0.0..=10.0;
        /// Power of the whole weight of a path.
        weight_power: 1.0, "1", 0.0..=10.0;
        /// Factor of the score of a camp.
        camp_weight: 1.0, "1", 0.0..=100.0;
        /// Factor of the score of a place in a foreign country.
        foreign_weight: 1.0, "1", 0.0..=100.0;
        /// Factor of the score of a place in full conflict.
        conflict_weight: 0.3162278, "1", 0.0..=1.0;
        /// Factor of the score of a place under a hazard of full intensity.
        hazard_weight: 0.3162278, "1", 0.0..=1.0;
        /// Share of the capacity from which on a place looks less attractive.
        capacity_buffer: 0.9, "share", 0.0..=1.0;
        /// Room that a camp has even when it is full: camps take in more people than they were built for.
        overflow: 0.0, "share", 0.0..=1.0;
        /// Factor of every stated capacity where people choose among camps.
        capacity_scaling: 1.0, "1", 0.0..=100.0;
        /// Power of the cost of whole journeys, for those who head home: large means that nearly all take the best one.
        journey_power: 4.0, "1", 0.0..=20.0;
        /// Added to the cost of every journey home.
        journey_offset_hours: 6.0, "hours", 0.0..=1000.0;
        /// Hours that one is ready to travel longer to avoid a danger of 1.
        risk_hours: 48.0, "hours", 0.0..=10000.0;
        /// Money that weighs as much as an hour of travel.
        usd_per_hour: 2.0, "USD/hour", 0.01..=1000.0;
        /// Hours by which a journey that ends in a camp counts longer than one that ends at home.
        refuge_camp_hours: 240.0, "hours", 0.0..=100000.0;
        /// Hours by which a journey that ends in another country, outside a camp, counts longer than one that ends at home.
        refuge_abroad_hours: 480.0, "hours", 0.0..=100000.0;
        /// Hours by which a journey that ends anywhere in the own country, for people who were abroad, counts longer than home.
        refuge_own_country_hours: 24.0, "hours", 0.0..=100000.0;
        /// Hours by which a journey that ends elsewhere in the home country counts longer than one that ends at home.
        refuge_home_country_hours: 24.0, "hours", 0.0..=100000.0;
        /// A camp with less room than this is not gone to today by those who look for safety (Flee: 0.5); 0: rule off.
        least_room: 0.0, "share", 0.0..=1.0;
        /// Ways with less than the best weight divided by this are dropped by those who look for safety; below 1.001: none is.
        pruning: 0.0, "1", 0.0..=1000000.0;
        /// Days that news of waits and closures takes to reach those who choose.
        news_days: 2.0, "days", 0.0..=60.0;
        /// Days within which everybody who waits thinks again once, when what there is to choose from has changed.
        reconsider_days: 3.0, "days", 1.0..=60.0;
    }
    /// How people travel.
    travel: Travel {
        /// Farthest that one travels in a day by vehicle, where routes are measured in km.
        range_km: 360.0, "km/day", 1.0..=5000.0;
        /// Farthest that one walks in a day.
        walk_km: 35.0, "km/day", 1.0..=100.0;
        /// 1: ways are measured in km, and people have a full `range_km` on every leg, as in Flee; 0: in hours, `hours_per_day` a day.
        by_km: 0.0, "0 or 1", 0.0..=1.0;
        /// 1: until their first arrival people walk (`walk_km` a day); only with `by_km`.
        start_on_foot: 0.0, "0 or 1", 0.0..=1.0;
        /// 1: who has moved less than half of the range lately goes on from towns at once.
        avoid_short_stints: 0.0, "0 or 1", 0.0..=1.0;
        /// Hours of travel in a day.
        hours_per_day: 12.0, "hours/day", 1.0..=24.0;
        /// Daily chance of going on from a town.
        move_chance_town: 0.3, "1/day", 0.0..=1.0;
        /// Daily chance of going on from a place in conflict.
        move_chance_conflict: 1.0, "1/day", 0.0..=1.0;
        /// Daily chance of going on from a camp.
        move_chance_camp: 0.001, "1/day", 0.0..=1.0;
    }
    /// Who counts as stranded or trapped.
    stranding: Stranding {
        /// Days of waiting at a border or transit place from which on one is stranded.
        border_days: 3.0, "days", 0.0..=365.0;
        /// Days of waiting elsewhere from which on one is stranded.
        elsewhere_days: 7.0, "days", 0.0..=365.0;
        /// Intensity above which nobody can be expected to stay or go back.
        danger_threshold: 0.3, "intensity", 0.0..=1.0;
        /// Intensity below which, everywhere in the country, going back is feasible.
        calm_threshold: 0.02, "intensity", 0.0..=1.0;
    }
    /// Base rates of harm, for a person of mean vulnerability at a place with a threat of 1.
    risk: Risk {
        /// Violence.
        violence: 0.5, "per 1000 person-days", 0.0..=1000.0;
        /// Arbitrary detention.
        detention: 0.3, "per 1000 person-days", 0.0..=1000.0;
        /// Trafficking and exploitation.
        exploitation: 0.3, "per 1000 person-days", 0.0..=1000.0;
        /// Robbery and extortion.
        robbery: 1.0, "per 1000 person-days", 0.0..=1000.0;
        /// Death by violence or on the way.
        death: 0.02, "per 1000 person-days", 0.0..=1000.0;
        /// Illness that is not treated.
        illness: 1.0, "per 1000 person-days", 0.0..=1000.0;
        /// Separation from the family, of people in parties of more than one.
        separation: 0.5, "per 1000 person-days", 0.0..=1000.0;
        /// Threat at a place without any fighting, added to the conflict intensity.
        ambient: 0.1, "threat", 0.0..=1.0;
        /// Factor of vulnerability of people without travel documents.
        undocumented: 1.3, "1", 1.0..=10.0;
        /// Rise of vulnerability with each tier of waiting time (after D, 14 and 60 days).
        tier_step: 0.25, "1 per tier", 0.0..=10.0;
        /// How much shelter protects: risks are divided by one plus this, for those under a roof.
        shelter_protection: 1.0, "1", 0.0..=10.0;
        /// Mean length of a detention.
        detention_days: 21.0, "days", 1.0..=1000.0;
        /// Share of those who cross to another country by boat without a seat who die or go missing.
        sea_death: 0.02, "per person attempting", 0.0..=1.0;
        /// Death on a way by land of danger 1.
        way_death: 0.0002, "per person and way", 0.0..=1.0;
        /// Detention on a way by land of danger 1, for a group that is a full target.
        way_detention: 0.01, "per person and way", 0.0..=1.0;
        /// Robbery on a way by land of danger 1, for a group that is a full target.
        way_robbery: 0.2, "per person and way", 0.0..=1.0;
    }
    /// What follows when it calms.
    after: After {
        /// Days for which a place must have been calm before people go back to it.
        calm_days: 3.0, "days", 0.0..=3650.0;
        /// Daily chance of setting out for those in refuge whose place is calm.
        return_chance: 0.2, "1/day", 0.0..=1.0;
    }
    /// Tension between residents and newcomers (M26): a speculative index that changes nothing else.
    tension: Tension {
        /// Tension that each person on the move per 100 residents above the threshold adds in a day; 0: the index is not made.
        pressure: 0.0, "1/day per person per 100 residents", 0.0..=10.0;
        /// Persons on the move per 100 residents up to which residents do not mind.
        threshold: 5.0, "persons per 100 residents", 0.0..=100000.0;
        /// Tension that help adds in a day where it reaches all newcomers and no resident.
        unequal_aid: 0.0, "1/day", 0.0..=1.0;
        /// Tension that support of the host community takes in a day where it reaches all.
        support: 0.0, "1/day", 0.0..=1.0;
        /// Share of the tension that is left on the next day.
        memory: 0.95, "share", 0.0..=1.0;
    }
}

/// What the table says about the parameter with that dotted name.
pub fn info(dotted: &str) -> Option<&'static ParameterInfo> {
    let (section, name) = dotted.split_once('.')?;
    PARAMETERS.iter().find(|p| p.section == section && p.name == name)
}

impl ParameterInfo {
    /// Section and name, e.g. `departure.conflict`.
    pub fn dotted(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// Whether only whole numbers are allowed: hops and flags.
    pub fn is_whole(&self) -> bool {
        matches!(self.unit, "hops" | "0 or 1")
    }

    /// Why `value` is not allowed, if it is not.
    fn refuses(&self, value: f64) -> Option<String> {
        let dotted = self.dotted();
        if !value.is_finite() || !(self.min..=self.max).contains(&value) {
            return Some(format!("{dotted} must be between {} and {} ({})", self.min, self.max, self.unit));
        }
        let is_half = self.is_whole() && value.fract() != 0.0;
        is_half.then(|| format!("{dotted} must be a whole number from {} to {} ({})", self.min, self.max, self.unit))
    }
}

impl Parameters {
    /// Sets the parameter with that dotted name, which then has no range any more. The error names the nearest parameter or what is
    /// allowed.
    pub fn set(&mut self, dotted: &str, value: f64) -> Result<(), String> {
        let Some(info) = info(dotted) else {
            let names: Vec<String> = PARAMETERS.iter().map(ParameterInfo::dotted).collect();
            return Err(match nearest(dotted, names.iter().map(String::as_str)) {
                Some(name) => format!("there is no parameter '{dotted}'; did you mean '{name}'?"),
                None => format!("there is no parameter '{dotted}'; `corridor schema` lists all of them"),
            });
        };
        if let Some(reason) = info.refuses(value) {
            return Err(reason);
        }
        if let Some(slot) = self.slot(info.section, info.name) {
            *slot = value;
        }
        for stated in self.stated.iter_mut().filter(|stated| stated.name == dotted) {
            (stated.low, stated.high) = (None, None);
        }
        Ok(())
    }
}

/// Keys of a parameter that is written as a table.
const KEYS: &[&str] = &["value", "low", "high", "source", "confidence", "notes"];

impl Parameters {
    /// Reads the section `section` of `scenario.toml`: each parameter is a number (`conflict = 0.2`) or a table
    /// (`conflict = { value = 0.2, low = 0.1, high = 0.4, source = "...", confidence = "assumed" }`).
    pub fn read_section(
        &mut self,
        section: &str,
        table: &DeTable<'_>,
        document: &Document<'_>,
        problems: &mut Problems,
    ) {
        let known: Vec<&str> = PARAMETERS.iter().filter(|p| p.section == section).map(|p| p.name).collect();
        for entry in table.iter() {
            let dotted = format!("{section}.{}", entry.0.get_ref());
            match info(&dotted) {
                Some(info) => self.read_one(info, entry, document, problems),
                None => document.unknown(problems, &dotted, entry, &known),
            }
        }
    }

    fn read_one(
        &mut self,
        info: &ParameterInfo,
        entry: Entry<'_, '_>,
        document: &Document<'_>,
        problems: &mut Problems,
    ) {
        let path = info.dotted();
        let (line, _) = document.position(entry.0.span().start);
        let mut stated = StatedParameter {
            name: path.clone(),
            value: info.default,
            low: None,
            high: None,
            provenance: Provenance::default(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
        };
        match entry.1.get_ref() {
            DeValue::Table(table) => {
                if table.get("value").is_none() {
                    document.error(
                        problems,
                        &path,
                        entry,
                        "the key 'value' is missing",
                        "write { value = 0.2, source = \"...\" }",
                    );
                }
                for part in table.iter() {
                    let key: &str = part.0.get_ref();
                    let path = format!("{path}.{key}");
                    match key {
                        "value" => {
                            stated.value = read_value(info, &path, part, document, problems).unwrap_or(info.default)
                        }
                        "low" => stated.low = read_value(info, &path, part, document, problems),
                        "high" => stated.high = read_value(info, &path, part, document, problems),
                        "source" => stated.provenance.source = read_text(&path, part, document, problems),
                        "notes" => stated.provenance.notes = read_text(&path, part, document, problems),
                        "confidence" => {
                            let word = read_text(&path, part, document, problems);
                            stated.provenance.confidence = Confidence::from_word(&word);
                            if stated.provenance.confidence.is_none() {
                                let fix = format!("write one of {}", Confidence::WORDS.join(", "));
                                document.error(problems, &path, part, "this word is not known here", &fix);
                            }
                        }
                        _ => document.unknown(problems, &path, part, KEYS),
                    }
                }
                let low = stated.low.unwrap_or(f64::NEG_INFINITY);
                let high = stated.high.unwrap_or(f64::INFINITY);
                if !(low..=high).contains(&stated.value) {
                    document.error(
                        problems,
                        &path,
                        entry,
                        "the value is not between low and high",
                        "order them: low, value, high",
                    );
                }
            }
            _ => stated.value = read_value(info, &path, entry, document, problems).unwrap_or(info.default),
        }
        if let Some(slot) = self.slot(info.section, info.name) {
            *slot = stated.value;
        }
        self.stated.push(stated);
    }
}

fn read_value(
    info: &ParameterInfo,
    path: &str,
    entry: Entry<'_, '_>,
    document: &Document<'_>,
    problems: &mut Problems,
) -> Option<f64> {
    let whole = if info.is_whole() { "whole " } else { "" };
    let fix = format!("write a {whole}number from {} to {} ({})", info.min, info.max, info.unit);
    match number(entry.1.get_ref()) {
        Some(value) => match info.refuses(value) {
            None => return Some(value),
            Some(reason) => document.error(problems, path, entry, &reason, &fix),
        },
        None => document.error(problems, path, entry, "this is not a number", &fix),
    }
    None
}

fn read_text(path: &str, entry: Entry<'_, '_>, document: &Document<'_>, problems: &mut Problems) -> String {
    match entry.1.get_ref().as_str() {
        Some(text) => text.trim().to_owned(),
        None => {
            document.error(problems, path, entry, "this is not a text", "put it in quotes");
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_in_its_range_and_is_what_a_run_starts_with() {
        let parameters = Parameters::default();
        for info in PARAMETERS {
            assert!(info.min < info.max && info.refuses(info.default).is_none(), "{}", info.dotted());
            assert!(!info.doc.is_empty() && !info.unit.is_empty(), "{}", info.dotted());
            assert_eq!(parameters.get(&info.dotted()), Some(info.default), "{}", info.dotted());
        }
    }

    #[test]
    fn setting_by_name_reaches_the_field_and_refuses_slips() {
        let mut parameters = Parameters::default();
        assert_eq!(parameters.set("departure.conflict", 0.25), Ok(()));
        assert_eq!(parameters.departure.conflict, 0.25);
        let slip = parameters.set("departure.conflct", 0.3).unwrap_err();
        assert!(slip.contains("did you mean 'departure.conflict'"), "{slip}");
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            let refused = parameters.set("departure.conflict", bad).unwrap_err();
            assert!(refused.contains("must be between 0 and 10"), "{refused}");
        }
        assert_eq!(parameters.departure.conflict, 0.25, "a refused value changes nothing");
        for (name, bad) in [("choice.horizon", 1.5), ("travel.by_km", 0.5), ("choice.camps_only", 0.5)] {
            let refused = parameters.set(name, bad).unwrap_err();
            assert!(refused.contains("must be a whole number"), "{refused}");
            assert_eq!(parameters.set(name, 1.0), Ok(()));
        }
    }
}
