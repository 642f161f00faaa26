//! Scenario + strategy -> world: ids become indices, dates become days, distributions become classes and cells.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use petgraph::algo::dijkstra;
use petgraph::graph::{DiGraph, NodeIndex};

use super::earth::great_circle_km;
use super::levers;
use super::parameters::Parameters;
use super::parties;
use super::scenario::{
    self, Access, Destination, FlowRow, GroupRow, GroupsCell, Mode, Need, Order, PlaceKind, PopulationState,
    PriorityFor, Rule, Scenario, ServiceRow, Shape, ShockKind, ShockRow, Strategy, Unused,
};
use super::world::{
    Aim, Barrier, Cell, Class, ClassSet, Composition, Conditions, Conversion, Cycle, Day, Departures, Deterrent,
    EVERYBODY, Flow, Gate, Group, Intensity, Link, Movement, Place, Priority, Reason, Response, Service, Shelter,
    World, whole_persons,
};

/// What a run asks of the world beside the scenario and the strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Last day to run; `None`: the scenario's last.
    pub until: Option<NaiveDate>,
    /// Persons that one simulated person stands for, at least 1.
    pub scale: u32,
    /// Parameters instead of the scenario's.
    pub parameters: Option<Parameters>,
}

impl Default for Options {
    fn default() -> Self {
        Self { until: None, scale: 1, parameters: None }
    }
}

/// Kilometres per hour assumed for aircraft, and hours on the ground; for seats whose link routes.csv does not have.
const AIR_KMH: f64 = 800.0;
const AIR_GROUND_HOURS: f64 = 3.0;

/// Speeds in km/h assumed for other modes where a seat's link is not in routes.csv.
fn speed_kmh(mode: Mode) -> f64 {
    match mode {
        Mode::Road => 40.0,
        Mode::Foot => 3.5,
        Mode::Sea => 25.0,
        Mode::Air => AIR_KMH,
    }
}

/// Money of the poor, middle and better-off third of a group, as powers of its spread: medians of the thirds of a log-normal
/// law (quantiles 1/6, 1/2, 5/6 of the normal law).
const THIRDS: [f64; 3] = [-0.967_421_566_101_701, 0.0, 0.967_421_566_101_701];

/// The world of `scenario` under the strategy `name`; `None` where there is no such strategy.
pub fn build(scenario: &Scenario, name: &str, options: &Options) -> Option<World> {
    let strategy = levers::pool(scenario.strategy(name)?, scenario);
    let last = options.until.map_or(scenario.header.end, |until| until.min(scenario.header.end));
    let days = ((last - scenario.header.start).num_days() + 1).clamp(1, i64::from(Day::MAX - 1)) as Day;
    let mut builder = Builder::new(scenario, days, options);
    builder.groups = levers::groups(scenario, &strategy);
    builder.readiness = levers::readiness(&strategy);
    builder.savings = levers::savings(&builder.groups, &strategy);
    builder.links();
    builder.groups();
    builder.refuges();
    builder.paid_classes(&strategy);
    builder.populations();
    builder.shocks();
    builder.protect(&strategy);
    builder.policies();
    builder.flows();
    builder.cycles();
    builder.strategy(&strategy);
    builder.world.strategy = name.to_owned();
    Some(builder.finish())
}

pub(super) struct Builder<'a> {
    pub(super) scenario: &'a Scenario,
    /// Groups as levers before the crisis leave them.
    pub(super) groups: Vec<GroupRow>,
    /// Days by which every delay is shortened.
    pub(super) readiness: f64,
    /// By group: USD that levers before the crisis put by for each of them.
    pub(super) savings: Vec<f64>,
    /// By row of populations: classes of those who seek refuge from there, with the share of its people in each; empty for others.
    refuges: Vec<Vec<(usize, f64)>>,
    /// Classes that people start in: all but those that money paid out leads to.
    pub(super) base_classes: usize,
    /// By intervention that pays money out, and class: the class of those who were given it.
    pub(super) richer: Vec<Vec<Option<usize>>>,
    pub(super) place_of: BTreeMap<&'a str, usize>,
    group_of: BTreeMap<&'a str, usize>,
    /// Persons on each day of the run, by limited link.
    limits: BTreeMap<usize, Vec<f64>>,
    pub(super) world: World,
}

impl<'a> Builder<'a> {
    fn new(scenario: &'a Scenario, days: Day, options: &Options) -> Self {
        let mut countries: Vec<String> = Vec::new();
        for row in &scenario.locations {
            if !countries.contains(&row.country) {
                countries.push(row.country.clone());
            }
        }
        // Where people live, not where some of them are on the way at the start.
        let settled = |p: &&scenario::PopulationRow| p.state == PopulationState::Settled;
        let anybody_settled = scenario.populations.iter().any(|p| settled(&p));
        let lived = scenario.populations.iter().filter(|p| !anybody_settled || settled(p));
        let populated: Vec<&str> = lived.map(|p| p.place.as_str()).collect();
        let first = scenario.locations.first().map(|l| l.country.as_str());
        let in_crisis = |country: &str| {
            let lived_in =
                |row: &&scenario::LocationRow| row.country == country && populated.contains(&row.id.as_str());
            if populated.is_empty() || !scenario.departures.is_empty() {
                Some(country) == first
            } else {
                scenario.locations.iter().any(|row| lived_in(&row))
            }
        };
        let crisis: Vec<bool> = countries.iter().map(|c| in_crisis(c)).collect();
        let opens_later = |row: &scenario::LocationRow| row.opens.is_some_and(|day| day > scenario.header.start);
        let places: Vec<Place> = scenario
            .locations
            .iter()
            .map(|row| {
                let country = countries.iter().position(|c| *c == row.country).unwrap_or(0);
                Place {
                    id: row.id.clone(),
                    name: row.name.clone(),
                    country,
                    kind: if opens_later(row) { PlaceKind::Town } else { row.kind },
                    lat: row.lat,
                    lon: row.lon,
                    residents: row.residents as f64,
                    capacity: row.capacity.map(|c| c as f64 / f64::from(options.scale)),
                    move_chance: row.move_chance.filter(|_| !opens_later(row)),
                    score: 1.0,
                    foreign: !crisis[country],
                }
            })
            .collect();
        let parameters = options.parameters.clone().unwrap_or_else(|| scenario.parameters.clone());
        let movement = Movement::of(&parameters);
        let mut world = World {
            title: scenario.header.title.clone(),
            strategy: String::new(),
            start: scenario.header.start,
            days,
            scale: options.scale.max(1),
            parameters,
            movement,
            countries,
            places,
            links: Vec::new(),
            network: DiGraph::new(),
            groups: Vec::new(),
            classes: Vec::new(),
            compositions: parties::compositions(),
            cells: Vec::new(),
            displaced: Vec::new(),
            departures: Departures::Hazard,
            conflict: Intensity::default(),
            hazard: Intensity::default(),
            economy: Intensity::default(),
            barriers: Vec::new(),
            conversions: Vec::new(),
            services: Vec::new(),
            desks: Vec::new(),
            shelters: Vec::new(),
            deterrents: Vec::new(),
            flows: Vec::new(),
            cycles: Vec::new(),
            conditions: Conditions::default(),
            response: Response::default(),
        };
        let conversions = scenario.locations.iter().enumerate().filter(|(_, row)| opens_later(row));
        world.conversions = conversions
            .filter_map(|(place, row)| {
                let day = (row.opens? - scenario.header.start).num_days();
                let day = Day::try_from(day).ok().filter(|day| *day < days)?;
                Some(Conversion { day, place, kind: row.kind, move_chance: row.move_chance })
            })
            .collect();
        let place_of = scenario.locations.iter().enumerate().map(|(i, row)| (row.id.as_str(), i)).collect();
        let group_of = scenario.groups.iter().enumerate().map(|(i, row)| (row.id.as_str(), i)).collect();
        Self {
            scenario,
            groups: Vec::new(),
            readiness: 0.0,
            savings: Vec::new(),
            refuges: Vec::new(),
            base_classes: 0,
            richer: Vec::new(),
            place_of,
            group_of,
            limits: BTreeMap::new(),
            world,
        }
    }

    /// Day of `date`, cut to the run.
    pub(super) fn day(&self, date: NaiveDate) -> Day {
        (date - self.world.start).num_days().clamp(0, i64::from(self.world.days)) as Day
    }

    /// Day of `date` as the last day of a period; `None` where the period ends before the run.
    pub(super) fn last_day(&self, date: NaiveDate) -> Option<Day> {
        let day = (date - self.world.start).num_days();
        (day >= 0).then(|| day.min(i64::from(self.world.days)) as Day)
    }

    /// Days from `start` to `end`, both included, as far as they lie in the run.
    fn period(&self, start: NaiveDate, end: NaiveDate) -> std::ops::Range<usize> {
        let first = (start - self.world.start).num_days().max(0);
        let after = ((end - self.world.start).num_days() + 1).min(i64::from(self.world.days));
        first as usize..after.max(first) as usize
    }

    fn place(&self, id: &str) -> usize {
        self.place_of.get(id).copied().unwrap_or(0)
    }

    fn add_link(&mut self, link: Link) -> usize {
        let (from, to) = (NodeIndex::new(link.from), NodeIndex::new(link.to));
        self.world.links.push(link);
        self.world.network.add_edge(from, to, self.world.links.len() - 1);
        self.world.links.len() - 1
    }

    fn links(&mut self) {
        for place in 0..self.world.places.len() {
            self.world.network.add_node(place);
        }
        for row in &self.scenario.routes {
            let (from, to) = (self.place(&row.from), self.place(&row.to));
            let link = |from: usize, to: usize| Link {
                from,
                to,
                mode: row.mode,
                km: row.km as f32,
                length: if self.world.parameters.travel.by_km >= 0.5 { row.km } else { row.hours } as f32,
                range: None,
                walk_chance: 0.0,
                fee: row.fee_usd.min(65_535.0) as u16,
                risk: row.risk as f32,
                free: row.access == Access::Free,
                border: self.is_border(from, to, row.mode, row.access == Access::Free),
            };
            let forth = link(from, to);
            let back = row.two_way.then(|| link(to, from));
            let whole_run = 0..usize::from(self.world.days);
            let limit = row.persons_per_day.map(|limit| self.per_day(limit, whole_run.clone(), f64::INFINITY));
            for link in std::iter::once(forth).chain(back) {
                let index = self.add_link(link);
                if let Some(per_day) = &limit {
                    self.limit(index, whole_run.clone(), per_day);
                }
            }
        }
    }

    /// Whether a way from `from` to `to` counts as a border crossing out of the country of the crisis: over land, or by boat
    /// without a seat that somebody grants.
    fn is_border(&self, from: usize, to: usize, mode: Mode, free: bool) -> bool {
        let leaves = !self.world.places[from].foreign && self.world.places[to].foreign;
        leaves && (matches!(mode, Mode::Road | Mode::Foot) || mode == Mode::Sea && free)
    }

    fn groups(&mut self) {
        for row in &self.groups.clone() {
            let group = self.world.groups.len();
            self.world.groups.push(Group {
                id: row.id.clone(),
                name: row.name.clone(),
                nationality: row.nationality.clone(),
                status: row.status.as_str().to_owned(),
                language: row.language.join("/"),
                target_risk: row.target_risk,
                remittance: row.remittance_usd_month,
                info_day: (row.info_date - self.world.start).num_days() as f64,
                info_width: row.info_width_days,
                frailty: row.frailty,
                departure: row.departure,
                can_return: row.can_return,
                parties: parties::parties(row),
            });
            match &row.home {
                Some(home) if row.aim == scenario::Aim::Home => self.homeward_classes(group, row, self.place(home)),
                _ if self.world.parameters.choice.horizon >= 1.0 => self.class(group, Aim::Safety, true, false, row, 1),
                _ => {}
            }
        }
    }

    fn class(&mut self, group: usize, aim: Aim, documents: bool, supported: bool, row: &GroupRow, third: usize) {
        let put_by = self.savings.get(group).copied().unwrap_or(0.0);
        let money = row.money_usd * libm::pow(row.money_spread, THIRDS[third]) + put_by;
        self.world.classes.push(Class {
            group,
            aim,
            documents,
            supported,
            money: money.min(65_535.0) as u16,
            with_documents: None,
            origin: None,
        });
    }

    /// Supported people; then by means (three thirds), with and without documents.
    fn homeward_classes(&mut self, group: usize, row: &GroupRow, home: usize) {
        if row.supported > 0.0 {
            self.class(group, Aim::Home(home), true, true, row, 2);
        }
        self.classes_by_means(group, Aim::Home(home), row);
    }

    /// By means (three thirds), with and without documents.
    fn classes_by_means(&mut self, group: usize, aim: Aim, row: &GroupRow) {
        for third in 0..THIRDS.len() {
            self.class(group, aim, true, false, row, third);
            if row.documents < 1.0 {
                self.class(group, aim, false, false, row, third);
                let last = self.world.classes.len() - 1;
                self.world.classes[last].with_documents = Some(last - 1);
            }
        }
    }

    /// People who seek refuge and go back when it is calm have classes for each place where they lived.
    fn refuges(&mut self) {
        for row in &self.scenario.populations {
            let first = self.world.classes.len();
            let group = self.group_of.get(row.group.as_str()).copied();
            let seeks = |group: &usize| self.groups[*group].aim == scenario::Aim::Safety;
            if let Some(group) = group.filter(|g| seeks(g) && self.world.parameters.choice.horizon < 1.0) {
                let written = self.groups[group].clone();
                self.classes_by_means(group, Aim::Refuge, &written);
                let origin = self.place(&row.place);
                self.world.classes[first..].iter_mut().for_each(|class| class.origin = Some(origin));
            }
            let classes = first..self.world.classes.len();
            self.refuges.push(classes.map(|class| (class, self.share(class))).collect());
        }
    }

    /// Classes of `group`, with the share of its people in each.
    fn shares(&self, group: usize) -> Vec<(usize, f64)> {
        let members = (0..self.base_classes).filter(|c| self.world.classes[*c].group == group);
        members.map(|class| (class, self.share(class))).collect()
    }

    /// Share of the people of its group, or of those of them who lived where it did, who are in `class`.
    fn share(&self, class: usize) -> f64 {
        let class = &self.world.classes[class];
        let row = &self.groups[class.group];
        let papers = if class.documents { row.documents } else { 1.0 - row.documents } / THIRDS.len() as f64;
        match (class.aim, class.supported) {
            (Aim::Home(_), true) => row.supported,
            (Aim::Home(_), false) => (1.0 - row.supported) * papers,
            (Aim::Refuge, _) => papers,
            (Aim::Safety, _) => 1.0,
        }
    }

    fn populations(&mut self) {
        let mut first = 0u32;
        let scale = f64::from(self.world.scale);
        let mut carried = vec![0.0; self.world.groups.len()];
        for (index, row) in self.scenario.populations.iter().enumerate() {
            let Some(group) = self.group_of.get(row.group.as_str()).copied() else { continue };
            let place = self.place(&row.place);
            carried[group] += row.persons as f64 / scale;
            let persons = (carried[group] + 1e-9).floor().max(0.0);
            carried[group] -= persons;
            let refuges = &self.refuges[index];
            let shares = if refuges.is_empty() { self.shares(group) } else { refuges.clone() };
            for (class, persons) in apportion(persons as u32, &shares) {
                let cell = Cell { class, place, persons, first };
                first = first.saturating_add(persons);
                match row.state {
                    PopulationState::Settled => self.world.cells.push(cell),
                    PopulationState::Displaced => self.world.displaced.push(cell),
                }
            }
        }
        if !self.scenario.departures.is_empty() {
            let mut per_day = vec![0; usize::from(self.world.days)];
            let mut carried = 0.0;
            for row in &self.scenario.departures {
                let day = (row.date - self.world.start).num_days();
                if let Some(slot) = usize::try_from(day).ok().and_then(|day| per_day.get_mut(day)) {
                    carried += row.persons as f64 / scale;
                    let persons = (carried + 1e-9).floor();
                    carried -= persons;
                    *slot += persons as u32;
                }
            }
            let class = self.world.safety_classes().next().unwrap_or(0);
            self.world.departures = Departures::Series { per_day, class, take_from_residents: false };
        }
    }

    fn shocks(&mut self) {
        let (days, places) = (usize::from(self.world.days), self.world.places.len());
        for row in &self.scenario.shocks {
            let target = match row.kind {
                ShockKind::Conflict => &mut self.world.conflict,
                ShockKind::SuddenHazard | ShockKind::SlowHazard | ShockKind::Epidemic => &mut self.world.hazard,
                ShockKind::Economic => &mut self.world.economy,
            };
            if target.values.is_empty() {
                *target = Intensity { places, values: vec![0.0; days * places] };
            }
            for (index, place) in self.world.places.iter().enumerate() {
                let struck = row.place == place.id
                    || row.place == self.world.countries[place.country]
                    || row.place.eq_ignore_ascii_case("all");
                for day in (0..days).filter(|_| struck) {
                    let date = self.world.start + chrono::Days::new(day as u64);
                    let value = &mut target.values[day * places + index];
                    *value = value.max(course(row, date) as f32);
                }
            }
        }
    }

    /// The links that run from `from` to `to`, each a place id or a country code.
    fn links_between(&self, from: &str, to: &str) -> Vec<usize> {
        let is = |name: &str, place: usize| {
            let place = &self.world.places[place];
            place.id == name || self.world.countries[place.country] == name && !self.place_of.contains_key(name)
        };
        let ends = |link: &Link| is(from, link.from) && is(to, link.to);
        (0..self.world.links.len()).filter(|l| ends(&self.world.links[*l])).collect()
    }

    pub(super) fn set_of(&self, groups: &GroupsCell, also: impl Fn(&Class) -> bool) -> ClassSet {
        ClassSet::from_fn(self.world.classes.len(), |c| {
            let class = &self.world.classes[c];
            groups.includes(&self.world.groups[class.group].id) && also(class)
        })
    }

    fn policies(&mut self) {
        for row in &self.scenario.policies {
            let Some(end) = self.last_day(row.end) else { continue };
            let start = self.day(row.start);
            if start >= self.world.days {
                continue;
            }
            let mut links = self.links_between(&row.from, &row.to);
            if row.rule == Rule::Closed {
                links.extend(self.links_between(&row.to, &row.from));
            }
            for link in links {
                let classes = self.set_of(&row.groups, |class| row.rule != Rule::Documents || !class.documents);
                let mut bar = |reason, share| {
                    let classes = classes.clone();
                    let barrier = Barrier { link, start, end, classes, share, reason, lifted_by: Vec::new() };
                    self.world.barriers.push(barrier);
                };
                match row.rule {
                    Rule::Closed => bar(Reason::Closed, 1.0),
                    Rule::Refuse => bar(Reason::Refused, row.share),
                    Rule::Documents => bar(Reason::Documents, 1.0),
                    Rule::Deter => {
                        self.world.deterrents.push(Deterrent { link, start, end, classes, share: row.share });
                    }
                    Rule::Throughput => {
                        let period = self.period(row.start, row.end);
                        let most = row.persons_per_day.unwrap_or(f64::INFINITY);
                        self.limit(link, period.clone(), &self.per_day(most, period, f64::INFINITY));
                    }
                }
            }
        }
        // A border that turns back a share asks everybody, one by one: a crossing without a limit of its own.
        let asking: Vec<(usize, std::ops::RangeInclusive<Day>)> = self
            .world
            .barriers
            .iter()
            .filter(|b| b.share < 1.0 && self.world.links[b.link].free)
            .map(|b| (b.link, b.start..=b.end))
            .collect();
        let everybody = vec![EVERYBODY; usize::from(self.world.days)];
        for (link, days) in asking {
            let period = usize::from(*days.start())..usize::from(*days.end() + 1).min(everybody.len());
            self.limit(link, period, &everybody);
        }
        for (link, capacity) in std::mem::take(&mut self.limits) {
            self.crossing(link, capacity);
        }
    }

    /// At most `per_day` persons pass `link` on the days of `period`; where several limits hold, the smallest does.
    fn limit(&mut self, link: usize, period: std::ops::Range<usize>, per_day: &[f64]) {
        let days = usize::from(self.world.days);
        let limits = self.limits.entry(link).or_insert_with(|| vec![f64::INFINITY; days]);
        for day in period {
            limits[day] = limits[day].min(per_day[day]);
        }
    }

    /// `rate` people a day, as simulated persons, on each day of `period`; `otherwise` on other days.
    pub(super) fn per_day(&self, rate: f64, period: std::ops::Range<usize>, otherwise: f64) -> Vec<f64> {
        let rate = rate / f64::from(self.world.scale);
        (0..usize::from(self.world.days)).map(|day| if period.contains(&day) { rate } else { otherwise }).collect()
    }

    fn crossing(&mut self, link: usize, capacity: Vec<f64>) {
        let leg = &self.world.links[link];
        let (from, to) = (leg.from, leg.to);
        self.world.services.push(Service {
            id: format!("{}-{}", self.world.places[from].id, self.world.places[to].id),
            lever: String::new(),
            actor: "border".to_owned(),
            boards: vec![(from, 0.0)],
            links: vec![Some(link); self.scenario.groups.len()],
            eligible: self.set_of(&GroupsCell::All, |_| true),
            priority: Priority::default(),
            capacity,
            keeps_unused: false,
            fee: 0,
            assistance: false,
            cost_fixed: 0.0,
            cost_per_person: 0.0,
            gate: Gate::default(),
            extra: Vec::new(),
            trained: Vec::new(),
        });
    }

    fn flows(&mut self) {
        for row in &self.scenario.flows {
            let Some(link) = self.links_between(&row.from, &row.to).first().copied() else { continue };
            let flow = Flow {
                id: row.id.clone(),
                link,
                nationality: row.group.clone(),
                per_day: self.flow_days(row),
                return_share: row.return_share,
                stay_days: row.stay_days,
            };
            self.world.flows.push(flow);
        }
    }

    fn cycles(&mut self) {
        for row in &self.scenario.cycles {
            let Some(group) = self.group_of.get(row.group.as_str()).copied() else { continue };
            let mut stages: Vec<Vec<usize>> =
                row.path.windows(2).map(|ends| self.links_between(&ends[0], &ends[1])).collect();
            if stages.iter().any(Vec::is_empty) {
                continue;
            }
            stages.iter_mut().for_each(|ways| ways.retain(|link| self.world.links[*link].free));
            let planned_days = (row.end - row.start).num_days() + 1;
            let rate = row.persons as f64 / planned_days as f64;
            let mut carried = 0.0;
            let planned = self.per_day(rate, self.period(row.start, row.end), 0.0);
            let cycle = Cycle {
                id: row.id.clone(),
                group,
                stages,
                planned: planned.into_iter().map(|rate| whole_persons(rate, &mut carried)).collect(),
                grace_days: row.grace_days as Day,
            };
            self.world.cycles.push(cycle);
        }
    }

    fn flow_days(&self, row: &FlowRow) -> Vec<u32> {
        let period = self.period(row.start, row.end);
        let mut sum = 0.0;
        let mut counted = 0.0;
        (0..usize::from(self.world.days))
            .map(|day| {
                if period.contains(&day) {
                    let date = self.world.start + chrono::Days::new(day as u64);
                    sum += match (row.shape, row.midpoint, row.width_days) {
                        (Shape::Logistic, Some(midpoint), Some(width)) => {
                            let since = (date - midpoint).num_days() as f64;
                            row.per_day / (1.0 + libm::exp(-since / width))
                        }
                        _ => row.per_day,
                    } / f64::from(self.world.scale);
                }
                let whole = sum.floor() - counted;
                counted += whole;
                whole as u32
            })
            .collect()
    }

    fn strategy(&mut self, strategy: &Strategy) {
        let mut rows: Vec<&ServiceRow> = strategy.services.iter().collect();
        rows.sort_by_key(|row| row.order != Order::Exclusive);
        for row in rows {
            self.service(row);
        }
        for row in &strategy.shelters {
            let Some(end) = self.last_day(row.end) else { continue };
            let start = self.day(row.start);
            let name = format!("shelter-{}-{}", row.place, row.line);
            let gate = self.gate(&name, row.when.as_deref(), row.start, end, row.delay_days, row.ramp_days);
            let places = (row.places as f64 / f64::from(self.world.scale)).round() as u32;
            self.world.shelters.push(Shelter {
                place: self.place(&row.place),
                start,
                end,
                places,
                cost_per_place_day: row.cost_per_place_day_usd,
                gate,
            });
        }
        self.interventions(strategy);
        self.stated_care();
    }

    /// The link of a seat from `from` to `to`: of that mode, else any, else one added along the great circle.
    fn seat(&mut self, from: usize, to: usize, by: Mode) -> usize {
        let between = |link: &&Link| link.from == from && link.to == to;
        let of_mode = self.world.links.iter().position(|l| between(&l) && l.mode == by);
        if let Some(link) = of_mode.or_else(|| self.world.links.iter().position(|l| between(&l))) {
            return link;
        }
        let km = great_circle_km(self.world.places[from].at(), self.world.places[to].at());
        let hours = km / speed_kmh(by) + if by == Mode::Air { AIR_GROUND_HOURS } else { 0.0 };
        let border = self.is_border(from, to, by, false);
        self.add_link(Link {
            from,
            to,
            mode: by,
            km: km as f32,
            length: hours as f32,
            range: None,
            walk_chance: 0.0,
            fee: 0,
            risk: 0.0,
            free: false,
            border,
        })
    }

    fn service(&mut self, row: &ServiceRow) {
        let from = self.place(&row.from);
        let mut links = Vec::new();
        for group in 0..self.world.groups.len() {
            let to = match &row.to {
                Destination::Place(id) => Some(self.place(id)),
                Destination::Home => {
                    let home = self.scenario.groups[group].home.as_deref();
                    home.map(|id| self.place(id)).filter(|home| *home != from)
                }
            };
            let serves = row.groups.includes(&self.world.groups[group].id);
            links.push(to.filter(|_| serves).map(|to| self.seat(from, to, row.mode)));
        }
        let rides = self.rides_to(from);
        let mut boards = vec![(from, 0.0)];
        for id in &row.pickup {
            let place = self.place(id);
            let new = boards.iter().all(|(known, _)| *known != place);
            if let Some(hours) = rides.get(&place).copied().filter(|_| new) {
                boards.push((place, hours));
            }
        }
        let period = self.period(row.start, row.end);
        let capacity = self.per_day(row.persons_per_day, period, 0.0);
        let last = self.last_day(row.end).unwrap_or(0);
        let gate = self.gate(&row.id, row.when.as_deref(), row.start, last, row.delay_days, row.ramp_days);
        let has = |need: Need| row.needs.contains(&need);
        let eligible = self.set_of(&row.groups, |class| {
            (!has(Need::Documents) || class.documents) && (!has(Need::Supported) || class.supported)
        });
        let priority = self.priority(&row.priority);
        self.world.services.push(Service {
            id: row.id.clone(),
            lever: row.lever.clone(),
            actor: row.actor.clone(),
            boards,
            links,
            eligible,
            priority,
            capacity,
            keeps_unused: row.unused == Unused::Kept,
            fee: row.fee_usd.min(65_535.0) as u16,
            assistance: row.assistance,
            cost_fixed: row.cost_fixed_usd,
            cost_per_person: row.cost_per_person_usd,
            gate,
            extra: Vec::new(),
            trained: Vec::new(),
        });
    }

    /// Who is served first by a service or desk.
    pub(super) fn priority(&self, words: &[PriorityFor]) -> Priority {
        let has = |word: PriorityFor| words.contains(&word);
        let kind = |word: PriorityFor, kind: u8| if has(word) { kind } else { 0 };
        let classes = self.set_of(&GroupsCell::All, |class| {
            has(PriorityFor::Undocumented) && !class.documents || has(PriorityFor::Unsupported) && !class.supported
        });
        let kinds = kind(PriorityFor::Children, Composition::CHILDREN)
            | kind(PriorityFor::Elderly, Composition::ELDERLY)
            | kind(PriorityFor::Women, Composition::WOMEN);
        Priority { kinds, classes }
    }

    /// Hours by land from every place to `to`, whatever the rules: a seat includes the ride.
    fn rides_to(&self, to: usize) -> BTreeMap<usize, f32> {
        let land = |edge: usize| matches!(self.world.links[edge].mode, Mode::Road | Mode::Foot);
        let reversed = petgraph::visit::Reversed(&self.world.network);
        let cost = |edge: petgraph::visit::ReversedEdgeReference<petgraph::graph::EdgeReference<'_, usize>>| {
            let link = *petgraph::visit::EdgeRef::weight(&edge);
            if land(link) { self.world.links[link].length } else { 1e6 }
        };
        let hours = dijkstra(reversed, NodeIndex::new(to), None, cost);
        (0..self.world.places.len())
            .filter_map(|place| hours.get(&NodeIndex::new(place)).filter(|h| **h < 1e6).map(|h| (place, *h)))
            .collect()
    }

    fn finish(self) -> World {
        self.world
    }
}

/// `persons` split over classes by their shares, whole persons by the largest remainder (ties: the first).
fn apportion(persons: u32, shares: &[(usize, f64)]) -> Vec<(usize, u32)> {
    let mut split: Vec<(usize, u32, f64)> = shares
        .iter()
        .map(|(class, share)| {
            let exact = f64::from(persons) * share;
            (*class, exact.floor() as u32, exact - exact.floor())
        })
        .collect();
    let left = persons.saturating_sub(split.iter().map(|s| s.1).sum());
    let mut order: Vec<usize> = (0..split.len()).collect();
    order.sort_by(|a, b| split[*b].2.total_cmp(&split[*a].2).then(a.cmp(b)));
    for index in order.into_iter().cycle().take(if shares.is_empty() { 0 } else { left as usize }) {
        split[index].1 += 1;
    }
    split.into_iter().filter(|s| s.1 > 0).map(|(class, persons, _)| (class, persons)).collect()
}

/// Intensity of a shock on `date`: linear rise, plateau, exponential fall.
fn course(row: &ShockRow, date: NaiveDate) -> f64 {
    if date < row.start || date > row.end {
        return 0.0;
    }
    let since = (date - row.start).num_days() as f64;
    let rise = if row.ramp_days > 0.0 { ((since + 1.0) / row.ramp_days).min(1.0) } else { 1.0 };
    let over = (date - row.plateau_until).num_days();
    let fall = match over {
        ..=0 => 1.0,
        _ if row.decay_days > 0.0 => libm::exp(-(over as f64) / row.decay_days),
        _ => 0.0,
    };
    row.intensity * rise * fall
}
