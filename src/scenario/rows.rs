//! One function per table: the cells of a row, made into its struct, with everything that can be checked within the row or against
//! what is already [`Known`].

use chrono::NaiveDate;

use super::known::Known;
use super::record::Cells;
use super::scenario::{
    Access, Aim, CycleRow, DepartureRow, Destination, FlowRow, GroupRow, GroupsCell, Intervention, Lever, LocationRow,
    Measure, Mode, ObservationRow, ObservedGroup, Order, PlaceKind, PolicyRow, PopulationRow, PopulationState,
    RouteRow, Rule, ServiceRow, Shape, ShelterRow, ShockKind, ShockRow, Status, Unused,
};
use super::trigger;

/// Speed in the crisis where a route gives no hours, km/h. Assumed: convoys and checkpoints on land, ferries, charter planes.
fn speed(mode: Mode) -> f64 {
    match mode {
        Mode::Road => 40.0,
        Mode::Foot => 3.5,
        Mode::Sea => 25.0,
        Mode::Air => 600.0,
    }
}

/// Words that stand for something else where an id may stand.
const RESERVED: &[&str] = &["all", "HOME", "TOTAL", "non"];

fn new_id(cells: &mut Cells<'_>) -> String {
    let id = cells.text("id");
    if RESERVED.iter().any(|word| word.eq_ignore_ascii_case(&id)) || id.contains(':') {
        cells.error("id", "this id has a meaning of its own in the format", "choose another id, without ':'");
    }
    id
}

/// A row of `locations.csv`.
pub fn location(cells: &mut Cells<'_>) -> LocationRow {
    let id = new_id(cells);
    LocationRow {
        name: cells.text_or_none("name").unwrap_or_else(|| id.clone()),
        country: cells.text("country"),
        kind: cells.word_or("kind", PlaceKind::Town),
        lat: cells.number("lat"),
        lon: cells.number("lon"),
        residents: cells.whole("residents"),
        capacity: cells.whole_or_none("capacity"),
        region: cells.text("region"),
        move_chance: cells.number_or_none("move_chance"),
        opens: cells.date_or_none("opens"),
        line: cells.line(),
        provenance: cells.provenance(),
        id,
    }
}

/// A row of `routes.csv`.
pub fn route(cells: &mut Cells<'_>, known: &Known) -> RouteRow {
    let (from, to) = ends(cells, known);
    let mode = cells.word_or("mode", Mode::Road);
    let km = cells.number("km");
    let on_land = matches!(mode, Mode::Road | Mode::Foot);
    RouteRow {
        from,
        to,
        mode,
        km,
        hours: cells.number_or_none("hours").unwrap_or(km / speed(mode)),
        two_way: cells.flag_or_none("two_way").unwrap_or(on_land),
        fee_usd: cells.number("fee_usd"),
        risk: cells.number("risk"),
        persons_per_day: cells.number_or_none("persons_per_day"),
        access: cells.word_or("access", if on_land { Access::Free } else { Access::Service }),
        line: cells.line(),
        provenance: cells.provenance(),
    }
}

/// The places `from` and `to` of a row, which must not be the same.
fn ends(cells: &mut Cells<'_>, known: &Known) -> (String, String) {
    let (from, to) = (cells.text("from"), cells.text("to"));
    known.place(cells, "from", &from);
    known.place(cells, "to", &to);
    not_itself(cells, &from, &to);
    (from, to)
}

fn not_itself(cells: &mut Cells<'_>, from: &str, to: &str) {
    if from == to && !to.is_empty() {
        cells.error("to", "it leads from a place to itself", "name another place, or remove the row");
    }
}

/// Checks that `low <= value <= high`.
fn bounds(cells: &mut Cells<'_>, column: &str, low: Option<f64>, value: f64, high: Option<f64>) {
    if low.is_some_and(|low| low > value) {
        cells.error("low", format!("low is above {column} ({value})"), format!("write a number up to {value}"));
    }
    if high.is_some_and(|high| high < value) {
        cells.error("high", format!("high is below {column} ({value})"), format!("write a number from {value}"));
    }
}

/// First and last day of a row; one that the row does not say is that of the scenario.
fn period(cells: &mut Cells<'_>, known: &Known) -> (NaiveDate, NaiveDate) {
    let (start, end) = match (cells.date_or_none("start"), cells.date_or_none("end")) {
        (Some(start), Some(end)) => (start, end),
        (Some(start), None) => (start, known.end().max(start)),
        (None, Some(end)) => (known.start().min(end), end),
        (None, None) => (known.start(), known.end()),
    };
    known.period(cells, ("start", "end"), start, end);
    (start, end)
}

/// A row of `groups.csv`.
pub fn group(cells: &mut Cells<'_>, known: &Known) -> GroupRow {
    let id = new_id(cells);
    let row = GroupRow {
        name: cells.text_or_none("name").unwrap_or_else(|| id.clone()),
        nationality: cells.text_or_none("nationality").unwrap_or_else(|| id.clone()),
        status: cells.word_or("status", Status::Migrant),
        aim: cells.word_or("aim", Aim::Safety),
        home: cells.text_or_none("home"),
        can_return: cells.flag_or_none("can_return").unwrap_or(true),
        party_size: cells.number("party_size"),
        female_share: cells.number("female_share"),
        child_share: cells.number("child_share"),
        elderly_share: cells.number("elderly_share"),
        documents: cells.number("documents"),
        supported: cells.number("supported"),
        money_usd: cells.number("money_usd"),
        money_spread: cells.number("money_spread"),
        language: cells
            .text("language")
            .split('/')
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .map(str::to_owned)
            .collect(),
        target_risk: cells.number("target_risk"),
        remittance_usd_month: cells.number_or_none("remittance_usd_month"),
        info_date: cells.date_or("info_date", known.start()),
        info_width_days: cells.number("info_width_days"),
        frailty: cells.number("frailty"),
        departure: cells.number("departure"),
        line: cells.line(),
        provenance: cells.provenance(),
        id,
    };
    match &row.home {
        Some(home) => known.place(cells, "home", home),
        None if row.aim == Aim::Home => {
            cells.error(
                "home",
                "the group wants to go home and has none",
                "name the place where its journey ends, or write aim safety",
            );
        }
        None => {}
    }
    if row.child_share + row.elderly_share > 1.0 + 1e-9 && row.child_share <= 1.0 && row.elderly_share <= 1.0 {
        cells.error("elderly_share", "child_share and elderly_share add up to more than 1", "lower one of them");
    }
    if cells.is_given("info_date") {
        known.day_not_far(cells, "info_date", row.info_date);
    }
    row
}

/// A row of `populations.csv`.
pub fn population(cells: &mut Cells<'_>, known: &Known) -> PopulationRow {
    let row = PopulationRow {
        group: cells.text("group"),
        place: cells.text("place"),
        persons: cells.whole("persons"),
        state: cells.word_or("state", PopulationState::Settled),
        line: cells.line(),
        provenance: cells.provenance(),
    };
    known.group(cells, "group", &row.group);
    known.place(cells, "place", &row.place);
    row
}

/// A row of `shocks.csv`.
pub fn shock(cells: &mut Cells<'_>, known: &Known) -> ShockRow {
    let place = cells.text("place");
    known.place_or_country(cells, "place", &place, &["all"]);
    let (start, end) = period(cells, known);
    let plateau = cells.date_or_none("plateau_until");
    if let Some(plateau) = plateau {
        if cells.is_given("start") && plateau < start {
            let message = format!("the plateau ends before it begins: {plateau} is before start {start}");
            cells.error("plateau_until", message, format!("write a day not before {start}, or leave the cell empty"));
        } else if cells.is_given("end") && plateau > end {
            let message = format!("the plateau goes on after the end: {plateau} is after end {end}");
            cells.error("plateau_until", message, format!("write a day not after {end}, or leave the cell empty"));
        } else {
            known.day_not_far(cells, "plateau_until", plateau);
        }
    }
    ShockRow {
        place,
        kind: cells.word_or("kind", ShockKind::Conflict),
        start,
        ramp_days: cells.number("ramp_days"),
        plateau_until: plateau.unwrap_or(end),
        decay_days: cells.number("decay_days"),
        end,
        intensity: cells.number("intensity"),
        label: cells.text("label"),
        line: cells.line(),
        provenance: cells.provenance(),
    }
}

/// A row of `policies.csv`.
pub fn policy(cells: &mut Cells<'_>, known: &Known) -> PolicyRow {
    let (from, to) = (cells.text("from"), cells.text("to"));
    known.place_or_country(cells, "from", &from, &[]);
    known.place_or_country(cells, "to", &to, &[]);
    not_itself(cells, &from, &to);
    known.link(cells, "to", &from, &to);
    let groups = cells.groups("groups");
    known.groups_cell(cells, "groups", &groups);
    let (start, end) = period(cells, known);
    let rule = cells.word_or("rule", Rule::Closed);
    let persons_per_day = cells.number_or_none("persons_per_day");
    if rule == Rule::Throughput && !cells.is_given("persons_per_day") {
        cells.error("persons_per_day", "a throughput without a number", "write how many persons a day may pass");
    }
    let (low, high) = (cells.number_or_none("low"), cells.number_or_none("high"));
    if let Some(value) = persons_per_day {
        bounds(cells, "persons_per_day", low, value, high);
    }
    PolicyRow {
        rule,
        from,
        to,
        groups,
        start,
        end,
        persons_per_day,
        low,
        high,
        share: cells.number("share"),
        label: cells.text("label"),
        line: cells.line(),
        provenance: cells.provenance(),
    }
}

/// A row of `cycles.csv`.
pub fn cycle(cells: &mut Cells<'_>, known: &Known) -> CycleRow {
    let (group, path) = (cells.text("group"), cells.ids("path"));
    known.group(cells, "group", &group);
    path.iter().for_each(|place| known.place(cells, "path", place));
    if path.len() < 2 && cells.is_given("path") {
        cells.error("path", "a way needs at least two places", "add the places that it leads to, separated by ;");
    }
    for ends in path.windows(2) {
        if ends[0] == ends[1] {
            cells.error("path", "it leads from a place to itself", "name each place once");
        } else {
            known.link(cells, "path", &ends[0], &ends[1]);
        }
    }
    let (start, end) = period(cells, known);
    CycleRow {
        id: new_id(cells),
        kind: cells.text("kind"),
        group,
        path,
        start,
        end,
        persons: cells.whole("persons"),
        grace_days: cells.number("grace_days"),
        line: cells.line(),
        provenance: cells.provenance(),
    }
}

/// A row of `flows.csv`.
pub fn flow(cells: &mut Cells<'_>, known: &Known) -> FlowRow {
    let (from, to) = ends(cells, known);
    if from != to {
        known.link(cells, "to", &from, &to);
    }
    if let Some(places) = &known.places
        && let (Some(a), Some(b)) = (places.get(&from), places.get(&to))
        && a == b
        && from != to
    {
        cells.warning(
            "to",
            format!("both places are in {a}; a flow crosses a border"),
            "name a place in another country",
        );
    }
    let (start, end) = period(cells, known);
    let shape = cells.word_or("shape", Shape::Constant);
    let midpoint = cells.date_or_none("midpoint");
    let width_days = cells.number_or_none("width_days");
    for name in ["midpoint", "width_days"] {
        if shape == Shape::Logistic && !cells.is_given(name) {
            cells.error(
                name,
                "a logistic flow needs midpoint and width_days",
                format!("write the {name}, or shape constant"),
            );
        }
    }
    let per_day = cells.number("per_day");
    let (low, high) = (cells.number_or_none("low"), cells.number_or_none("high"));
    bounds(cells, "per_day", low, per_day, high);
    FlowRow {
        id: new_id(cells),
        kind: cells.text("kind"),
        from,
        to,
        group: cells.text("group"),
        start,
        end,
        shape,
        midpoint,
        width_days,
        per_day,
        low,
        high,
        return_share: cells.number("return_share"),
        stay_days: cells.number("stay_days"),
        line: cells.line(),
        provenance: cells.provenance(),
    }
}

/// A row of `departures.csv`.
pub fn departure(cells: &mut Cells<'_>, known: &Known) -> DepartureRow {
    let date = cells.date_or("date", known.start());
    known.day(cells, "date", date);
    DepartureRow { date, persons: cells.whole("persons"), line: cells.line(), provenance: cells.provenance() }
}

/// A row of `observations.csv`.
pub fn observation(cells: &mut Cells<'_>, known: &Known) -> ObservationRow {
    let date = cells.date_or("date", known.start());
    known.day(cells, "date", date);
    let where_ = cells.text("where");
    known.place_or_country(cells, "where", &where_, &["TOTAL"]);
    ObservationRow {
        date,
        where_,
        measure: cells.word_or("measure", Measure::Present),
        group: observed_group(cells),
        value: cells.number("value"),
        rel_uncertainty: cells.number_or_none("rel_uncertainty"),
        line: cells.line(),
        provenance: cells.provenance(),
    }
}

fn observed_group(cells: &mut Cells<'_>) -> ObservedGroup {
    let text = cells.text("group");
    match text.split_once(':').map(|(kind, nationality)| (kind.trim(), nationality.trim())) {
        None => match text.as_str() {
            "all" => return ObservedGroup::All,
            "migrants" => return ObservedGroup::Migrants,
            "tcn" => return ObservedGroup::Tcn,
            "libyan" => return ObservedGroup::Flow("LBY".into()),
            _ => {}
        },
        Some(("flow", nationality)) if !nationality.is_empty() => return ObservedGroup::Flow(nationality.to_owned()),
        Some(("nationality", nationality)) if !nationality.is_empty() => {
            return ObservedGroup::Nationality(nationality.to_owned());
        }
        _ => {}
    }
    if !text.is_empty() {
        cells.error(
            "group",
            "this group of an observation is not known",
            "write all, migrants, tcn, libyan, flow:XXX or nationality:XXX",
        );
    }
    ObservedGroup::All
}

/// A row of a services table.
pub fn service(cells: &mut Cells<'_>, known: &Known) -> ServiceRow {
    let from = cells.text("from");
    known.place(cells, "from", &from);
    let pickup = cells.ids("pickup");
    pickup.iter().for_each(|place| known.place(cells, "pickup", place));
    let written = cells.text("to");
    let groups = cells.groups("groups");
    known.groups_cell(cells, "groups", &groups);
    let to = if written == "HOME" {
        all_have_homes(cells, known, &groups);
        Destination::Home
    } else {
        known.place(cells, "to", &written);
        not_itself(cells, &from, &written);
        Destination::Place(written.clone())
    };
    let (start, end) = period(cells, known);
    let persons_per_day = cells.number("persons_per_day");
    let (low, high) = (cells.number_or_none("low"), cells.number_or_none("high"));
    bounds(cells, "persons_per_day", low, persons_per_day, high);
    let lever = lever(cells);
    ServiceRow {
        id: cells.text_or_none("id").unwrap_or_else(|| format!("{lever}-{from}-{written}-{}", cells.line())),
        lever,
        from,
        pickup,
        to,
        mode: cells.word_or("mode", Mode::Road),
        actor: cells.text("actor"),
        groups,
        start,
        end,
        persons_per_day,
        low,
        high,
        order: cells.word_or("order", Order::Pooled),
        needs: cells.words("needs"),
        priority: cells.words("priority"),
        fee_usd: cells.number("fee_usd"),
        unused: cells.word_or("unused", Unused::Lost),
        assistance: cells.flag_or_none("assistance").unwrap_or(true),
        cost_fixed_usd: cells.number("cost_fixed_usd"),
        cost_per_person_usd: cells.number("cost_per_person_usd"),
        basis: cells.text("basis"),
        when: condition(cells, known),
        delay_days: cells.number("delay_days"),
        ramp_days: cells.number("ramp_days"),
        line: cells.line(),
        provenance: cells.provenance(),
    }
}

/// The cell `lever` of a service: `L01` to `L37`.
fn lever(cells: &mut Cells<'_>) -> String {
    let text = cells.text("lever");
    let number = text.strip_prefix('L').filter(|digits| digits.len() == 2).and_then(|digits| digits.parse::<u8>().ok());
    if !number.is_some_and(|n| (1..=37).contains(&n)) {
        cells.error("lever", "there is no such lever", "write L01 to L37");
    }
    text
}

/// Checks that every group that a service brings `HOME` has a home.
fn all_have_homes(cells: &mut Cells<'_>, known: &Known, groups: &GroupsCell) {
    let without: Vec<&str> = known
        .groups
        .iter()
        .flatten()
        .filter(|(id, has_home)| !**has_home && groups.includes(id))
        .map(|(id, _)| id.as_str())
        .collect();
    if !without.is_empty() {
        let list = without.join(";");
        cells.error(
            "to",
            format!("HOME, but these groups have no home: {list}"),
            format!("give them one in groups.csv, or leave them out (groups non:{list})"),
        );
    }
}

/// A row of a shelter table.
pub fn shelter(cells: &mut Cells<'_>, known: &Known) -> ShelterRow {
    let place = cells.text("place");
    known.place(cells, "place", &place);
    let (start, end) = period(cells, known);
    let places = cells.whole_or_none("places");
    let (low, high) = (cells.whole_or_none("low"), cells.whole_or_none("high"));
    bounds(cells, "places", low.map(|n| n as f64), places.map_or(f64::NAN, |n| n as f64), high.map(|n| n as f64));
    ShelterRow {
        place,
        start,
        end,
        places: places.unwrap_or(0),
        low,
        high,
        actor: cells.text("actor"),
        cost_per_place_day_usd: cells.number("cost_per_place_day_usd"),
        when: condition(cells, known),
        delay_days: cells.number("delay_days"),
        ramp_days: cells.number("ramp_days"),
        line: cells.line(),
        provenance: cells.provenance(),
    }
}

/// An `[[intervention]]` of a strategy.
pub fn intervention(cells: &mut Cells<'_>, known: &Known) -> Intervention {
    let places = cells.ids("places");
    places.iter().for_each(|place| known.place_or_country(cells, "places", place, &[]));
    let groups = cells.groups("groups");
    known.groups_cell(cells, "groups", &groups);
    period(cells, known);
    let (start, end) = (cells.said_date("start"), cells.said_date("end"));
    let lever = cells.word_or_none("lever");
    if let Some(lever) = lever {
        needs(cells, lever);
    }
    Intervention {
        // Only until the error is told.
        lever: lever.unwrap_or(Lever::Information),
        places,
        groups,
        start,
        end,
        when: condition(cells, known),
        ramp_days: cells.number_or_none("ramp_days"),
        per_day: cells.number_or_none("per_day"),
        share: cells.number_or_none("share"),
        days_earlier: cells.number_or_none("days_earlier"),
        delay_days: cells.number_or_none("delay_days"),
        usd: cells.number_or_none("usd"),
        capacity: cells.number_or_none("capacity"),
        languages: cells.ids("languages"),
        lanes: cells.number_or_none("lanes"),
        persons_per_hour: cells.number_or_none("persons_per_hour"),
        hours_per_day: cells.number_or_none("hours_per_day"),
        error: cells.number_or_none("error"),
        every_days: cells.number_or_none("every_days"),
        cost_fixed_usd: cells.number("cost_fixed_usd"),
        cost_per_unit_usd: cells.number("cost_per_unit_usd"),
        actor: cells.text("actor"),
        priority: cells.words("priority"),
        line: cells.line(),
        provenance: cells.provenance(),
    }
}

/// The cell `when`: a condition whose places are known.
fn condition(cells: &mut Cells<'_>, known: &Known) -> Option<String> {
    let text = cells.text_or_none("when")?;
    match trigger::parse(&text) {
        Ok(condition) => {
            for clause in condition.clauses() {
                known.place_or_country(cells, "when", &clause.where_, &["all"]);
                if !clause.can_hold() {
                    let fix = match clause.watched {
                        trigger::Watched::Intensity => "compare an intensity with a number from 0 to 1",
                        _ => "compare with a number above 0",
                    };
                    cells.warning("when", "this can never be true, so the response never begins by it", fix);
                }
            }
        }
        Err(fault) => cells.error("when", format!("{} (character {})", fault.message, fault.at), fault.fix),
    }
    Some(text)
}

/// Checks that an intervention has what its lever needs, and no trigger where it acts before the crisis.
fn needs(cells: &mut Cells<'_>, lever: Lever) {
    let keys: &[&str] = match lever {
        Lever::Information | Lever::Readiness => &["days_earlier"],
        Lever::Documents | Lever::Reception => &["per_day"],
        Lever::Cash | Lever::Remittances | Lever::Claims => &["per_day", "usd"],
        Lever::Shelter => &["capacity"],
        Lever::Registration
        | Lever::Employers
        | Lever::Wash
        | Lever::Health
        | Lever::Screening
        | Lever::CounterTrafficking
        | Lever::FamilyUnity
        | Lever::HostSupport
        | Lever::Firewall
        | Lever::SearchAndRescue
        | Lever::Corridor
        | Lever::Training => &["share"],
        Lever::Funding => &["usd"],
        // Border and resilience need one of two: see below.
        Lever::Border | Lever::Resilience => &[],
        Lever::Waiver | Lever::Relief | Lever::Psychosocial | Lever::Coordination | Lever::Stay | Lever::Tracking => {
            &[]
        }
    };
    for key in keys.iter().filter(|key| !cells.is_meant(key)).copied().collect::<Vec<_>>() {
        cells.error("lever", format!("the lever {lever} needs the key '{key}'"), format!("write {key} = a number"));
    }
    if lever == Lever::Border
        && !cells.is_meant("per_day")
        && !(cells.is_meant("lanes") && cells.is_meant("persons_per_hour"))
    {
        let fix = "write per_day = a number, or lanes and persons_per_hour";
        cells.error("lever", "the lever border needs the key 'per_day', or lanes and persons_per_hour", fix);
    }
    if lever == Lever::Resilience && !cells.is_meant("share") && !cells.is_meant("usd") {
        let fix = "write share = a number from 0 to 1, or usd = a number";
        cells.error("lever", "the lever resilience needs the key 'share' or the key 'usd'", fix);
    }
    let before = matches!(
        lever,
        Lever::Information
            | Lever::Registration
            | Lever::Employers
            | Lever::Readiness
            | Lever::Resilience
            | Lever::Tracking
            | Lever::Funding
    );
    if before && cells.is_given("when") {
        cells.error(
            "when",
            format!("the lever {lever} cannot wait for a trigger"),
            "remove the key, or write a date as start",
        );
    }
}
