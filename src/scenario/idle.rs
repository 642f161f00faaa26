//! Parts of a strategy that can do nothing in their scenario: what `corridor check` warns of.

use std::collections::BTreeMap;
use std::path::Path;

use super::Scenario;
use super::known::fix;
use super::problem::{At, Problems};
use super::scenario::{Destination, GroupRow, GroupsCell, Intervention, Lever, Mode, Rule, ShockKind, Strategy};
use super::trigger::{self, Clause, Comparator, Watched};
use super::world::CareKind;

/// Keys of their own that the levers use; those of every lever (places, groups, dates, costs once) are left out.
fn used(lever: Lever) -> &'static [&'static str] {
    match lever {
        Lever::Information => &["days_earlier", "share", "languages"],
        Lever::Registration | Lever::Employers => &["share", "languages"],
        Lever::Documents => &["per_day", "cost_per_unit_usd", "priority"],
        Lever::Border => &["per_day", "lanes", "persons_per_hour", "hours_per_day"],
        Lever::Shelter | Lever::Psychosocial => &["capacity", "cost_per_unit_usd"],
        Lever::Wash
        | Lever::Relief
        | Lever::Health
        | Lever::Screening
        | Lever::CounterTrafficking
        | Lever::FamilyUnity
        | Lever::HostSupport => &["share", "capacity", "cost_per_unit_usd"],
        Lever::Firewall => &["share", "cost_per_unit_usd"],
        Lever::Cash | Lever::Remittances | Lever::Claims => {
            &["per_day", "usd", "share", "cost_per_unit_usd", "priority"]
        }
        Lever::SearchAndRescue | Lever::Corridor | Lever::Training => &["share"],
        Lever::Readiness => &["days_earlier"],
        Lever::Reception => &["per_day", "cost_per_unit_usd"],
        Lever::Tracking => &["every_days", "error"],
        Lever::Resilience => &["share", "usd", "languages"],
        Lever::Funding => &["usd"],
        Lever::Waiver | Lever::Coordination | Lever::Stay => &[],
    }
}

/// Keys of their own that `row` gives, with their values.
fn given(row: &Intervention) -> Vec<(&'static str, String)> {
    let numbers = [
        ("per_day", row.per_day),
        ("share", row.share),
        ("days_earlier", row.days_earlier),
        ("usd", row.usd),
        ("capacity", row.capacity),
        ("lanes", row.lanes),
        ("persons_per_hour", row.persons_per_hour),
        ("hours_per_day", row.hours_per_day),
        ("error", row.error),
        ("every_days", row.every_days),
        ("cost_per_unit_usd", Some(row.cost_per_unit_usd).filter(|usd| *usd > 0.0)),
    ];
    let mut given: Vec<_> =
        numbers.iter().filter_map(|(key, value)| Some((*key, value.as_ref()?.to_string()))).collect();
    if !row.languages.is_empty() {
        given.push(("languages", row.languages.join(";")));
    }
    if !row.priority.is_empty() {
        given.push(("priority", row.priority.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(";")));
    }
    given
}

/// Warns of every part of a strategy that can do nothing; the scenario was read from `dir`.
pub fn warn(scenario: &Scenario, dir: &Path, problems: &mut Problems) {
    let country = scenario.locations.iter().map(|row| (row.id.as_str(), row.country.as_str())).collect();
    let look = Look { scenario, country };
    for (name, own) in &scenario.strategies {
        let file = dir.join(format!("strategies/{name}.toml")).display().to_string();
        // A part counts as idle only if it is so in every strategy that it belongs to.
        let wholes: Vec<Strategy> = scenario
            .strategies
            .keys()
            .filter(|other| scenario.lineage(other).is_some_and(|line| line.iter().any(|base| base.name == *name)))
            .filter_map(|other| scenario.strategy(other))
            .collect();
        for row in &own.interventions {
            let mut tell = |column: &str, value: &str, message: String, fix: &str| {
                let at = At { file: &file, line: row.line as usize, column, value };
                problems.warning(at, message, fix);
            };
            for (key, value) in given(row).iter().filter(|(key, _)| !used(row.lever).contains(key)) {
                tell(key, value, format!("the lever {} does not use this key", row.lever), "remove the key");
            }
            if let Some((column, message, fix)) = look.idle(row, &wholes) {
                let value = if column == "lever" { row.lever.as_str() } else { "" };
                tell(column, value, message, &fix);
            }
        }
        if let Some(row) = look.unmoved(own) {
            let value = own.shift_days.to_string();
            let at = At { file: &file, line: 0, column: "shift_days", value: &value };
            let message = format!("{row} begins when its trigger fires, so it does not move");
            problems.warning(at, message, "change its condition, or leave this if only what has dates is to move");
        }
    }
}

/// A scenario with what is looked up in it.
struct Look<'a> {
    scenario: &'a Scenario,
    /// Country of each place.
    country: BTreeMap<&'a str, &'a str>,
}

/// Column, what is wrong with it, what to do.
type Idle = Option<(&'static str, String, String)>;

impl Look<'_> {
    /// Whether `place`, a location id, is among the places of `row`.
    fn has(&self, row: &Intervention, place: &str) -> bool {
        let named = |name: &String| name == place || self.country.get(place) == Some(&name.as_str());
        row.places.is_empty() || row.places.iter().any(named)
    }

    /// Whether one of the places of `row` is `name`, a location id or a country, or lies in it.
    fn touches(&self, row: &Intervention, name: &str) -> bool {
        let is_meant = |id: &&&str| **id == name || self.country.get(**id) == Some(&name);
        self.country.keys().filter(is_meant).any(|id| self.has(row, id))
    }

    /// Whether a link by `mode` has one end, or `both`, among the places of `row`: of a route, or of seats.
    fn link(&self, row: &Intervention, wholes: &[Strategy], mode: impl Fn(Mode) -> bool, both: bool) -> bool {
        let joins = |from: &str, to: &str| {
            let (from, to) = (self.has(row, from), self.has(row, to));
            if both { from && to } else { from || to }
        };
        let routes = self.scenario.routes.iter().filter(|route| mode(route.mode));
        let seats = wholes.iter().flat_map(|whole| &whole.services).filter(|seat| mode(seat.mode));
        routes.into_iter().any(|route| joins(&route.from, &route.to))
            || seats.into_iter().any(|seat| match &seat.to {
                Destination::Place(to) => joins(&seat.from, to),
                Destination::Home => self.has(row, &seat.from),
            })
    }

    /// Whether a crossing with a limit starts at one of the places of `row`.
    fn limit(&self, row: &Intervention) -> bool {
        let limited = |route: &super::scenario::RouteRow| {
            let back = route.two_way && self.has(row, &route.to);
            route.persons_per_day.is_some() && (self.has(row, &route.from) || back)
        };
        let throughput =
            |rule: &super::scenario::PolicyRow| rule.rule == Rule::Throughput && self.touches(row, &rule.from);
        self.scenario.routes.iter().any(limited) || self.scenario.policies.iter().any(throughput)
    }

    /// Whether anybody is in the groups of a cell.
    fn anybody(&self, groups: &GroupsCell) -> bool {
        let people = &self.scenario.populations;
        !self.scenario.departures.is_empty() || people.iter().any(|row| row.persons > 0 && groups.includes(&row.group))
    }

    /// Whether a hazard or downturn strikes one of the places of `row`.
    fn hazard(&self, row: &Intervention) -> bool {
        let mut shocks = self.scenario.shocks.iter().filter(|shock| shock.kind != ShockKind::Conflict);
        shocks.any(|shock| shock.place == "all" || self.touches(row, &shock.place))
    }

    /// Why `row` does nothing in any of the strategies `wholes`, if so.
    fn idle(&self, row: &Intervention, wholes: &[Strategy]) -> Idle {
        let lever = |message: &str, fix: &str| Some(("lever", message.to_owned(), fix.to_owned()));
        let no_row = |of: &dyn Fn(&Strategy) -> bool| !wholes.iter().any(of);
        if !self.anybody(&row.groups) {
            let fix = "name groups that have people in populations.csv";
            return Some(("groups", "nobody is in these groups, so this does nothing".to_owned(), fix.to_owned()));
        }
        if let Some(language) = row.languages.iter().find(|language| !self.is_read(language)) {
            let message = format!("no group reads '{language}'");
            let spoken = self.scenario.groups.iter().flat_map(|group| &group.language);
            return Some(("languages", message, fix(language, spoken, "add it to the column language of groups.csv")));
        }
        if let Some(limit) = row.when.as_deref().and_then(|when| self.out_of_reach(when)) {
            let message = format!("there are not {limit} people in the scenario, so this never begins");
            return Some(("when", message, "compare with a number that can be reached".to_owned()));
        }
        match row.lever {
            pays if pays.pays() && no_row(&|whole| self.fare(whole)) => lever(
                "no way and no seat costs anything, so money changes no journey",
                "write fares into routes or seats",
            ),
            Lever::SearchAndRescue if !self.link(row, wholes, |mode| mode == Mode::Sea, false) => {
                lever("no way by sea touches these places, so this does nothing", "name places that a sea route joins")
            }
            Lever::Corridor if !row.places.is_empty() && !self.link(row, wholes, |_| true, true) => {
                lever("no way joins two of these places, so this does nothing", "name both ends of the ways meant")
            }
            Lever::Border if !self.limit(row) => lever(
                "no limited crossing starts at these places, so there is nothing to widen",
                "name the place where a throughput of policies.csv, or a route with persons_per_day, starts",
            ),
            Lever::Training if !self.limit(row) && no_row(&|whole| self.desk(row, whole)) => lever(
                "no limited crossing starts at these places and no desk is there, so this does nothing",
                "name places of crossings with a limit, or of desks",
            ),
            Lever::Waiver if !self.rule(row) => lever(
                "no refuse or documents rule for these groups holds at these places, so there is nothing to lift",
                "name a place and groups of such a rule of policies.csv",
            ),
            Lever::Tracking if no_row(&has_trigger) => {
                lever("no part of the strategy has a trigger, so nobody looks at what is tracked", "write when = ...")
            }
            Lever::Readiness if no_row(&has_delay) => {
                lever("no part of the strategy has a delay, so there is nothing to shorten", "write delay_days = ...")
            }
            Lever::Coordination if no_row(&gives_care) => {
                lever("no part of the strategy gives care, so there is nothing to coordinate", "add some, e.g. wash")
            }
            Lever::Resilience if row.share.is_some_and(|share| share > 0.0) && !self.hazard(row) => {
                let message = "no hazard or downturn strikes these places, so there is nothing to weaken";
                Some(("share", message.to_owned(), "name places of such a row of shocks.csv".to_owned()))
            }
            _ => None,
        }
    }

    fn is_read(&self, language: &str) -> bool {
        let reads = |group: &GroupRow| group.language.iter().any(|l| l.eq_ignore_ascii_case(language));
        self.scenario.groups.iter().any(reads)
    }

    /// A number of people in the condition `when` that is more than there are, without which it never holds.
    fn out_of_reach(&self, when: &str) -> Option<f64> {
        let settled = self.scenario.populations.iter().map(|row| row.persons);
        let people: u64 = settled.chain(self.scenario.departures.iter().map(|row| row.persons)).sum();
        let least = |clause: &Clause| match clause.comparator {
            Comparator::Above | Comparator::AtLeast if clause.watched != Watched::Intensity => clause.limit,
            _ => 0.0,
        };
        let needed = |all: &Vec<Clause>| all.iter().map(least).fold(0.0, f64::max);
        let least = trigger::parse(when).ok()?.any.iter().map(needed).reduce(f64::min)?;
        (least > people as f64).then_some(least)
    }

    /// Whether a way or a seat of `whole` costs those who take it anything.
    fn fare(&self, whole: &Strategy) -> bool {
        self.scenario.routes.iter().any(|row| row.fee_usd > 0.0) || whole.services.iter().any(|row| row.fee_usd > 0.0)
    }

    /// Whether a desk of `whole` stands at one of the places of `row`.
    fn desk(&self, row: &Intervention, whole: &Strategy) -> bool {
        let is_desk = |other: &&Intervention| other.lever.is_desk();
        let shares = |other: &Intervention| self.country.keys().any(|id| self.has(row, id) && self.has(other, id));
        whole.interventions.iter().filter(is_desk).any(shares)
    }

    /// Whether a rule that a waiver lifts holds at one of the places of `row`, for one of its groups.
    fn rule(&self, row: &Intervention) -> bool {
        let both = |groups: &GroupsCell| {
            self.scenario.groups.iter().any(|group| row.groups.includes(&group.id) && groups.includes(&group.id))
        };
        let mut rules =
            self.scenario.policies.iter().filter(|rule| matches!(rule.rule, Rule::Refuse | Rule::Documents));
        rules.any(|rule| both(&rule.groups) && (self.touches(row, &rule.from) || self.touches(row, &rule.to)))
    }

    /// A part that `own` extends, that waits for a trigger alone, and that `shift_days` therefore does not move.
    fn unmoved(&self, own: &Strategy) -> Option<String> {
        let first = self.scenario.header.start;
        let lineage = self.scenario.lineage(&own.name).filter(|_| own.shift_days != 0.0)?;
        lineage[1..].iter().take_while(|base| base.name != "none").find_map(|base| {
            let service = base.services.iter().find(|row| row.when.is_some() && row.start <= first);
            let shelter = base.shelters.iter().find(|row| row.when.is_some() && row.start <= first);
            let lever = base.interventions.iter().find(|row| row.when.is_some() && row.start.is_none());
            let found = service
                .map(|row| format!("the service {}", row.id))
                .or_else(|| shelter.map(|row| format!("the shelter at {}", row.place)))
                .or_else(|| lever.map(|row| format!("the lever {}", row.lever)));
            found.map(|what| format!("{what} of '{}'", base.name))
        })
    }
}

fn has_trigger(whole: &Strategy) -> bool {
    whole.services.iter().any(|row| row.when.is_some())
        || whole.shelters.iter().any(|row| row.when.is_some())
        || whole.interventions.iter().any(|row| row.when.is_some())
}

fn has_delay(whole: &Strategy) -> bool {
    whole.services.iter().any(|row| row.delay_days > 0.0)
        || whole.shelters.iter().any(|row| row.delay_days > 0.0)
        || whole
            .interventions
            .iter()
            .any(|row| row.lever != Lever::Tracking && row.delay_days.is_some_and(|days| days > 0.0))
}

/// Whether `strategy` itself, without what it extends, gives care.
pub fn gives_care(strategy: &Strategy) -> bool {
    strategy.interventions.iter().any(|row| CareKind::of_lever(row.lever).is_some())
}
