//! Interventions of a strategy, made into what the engine knows: desks, crossings, barriers, shelter, hazards, stay, money.
//!
//! Each acts through the model (a service, a rule, a hazard), never on a score. `docs/levers.md` tells what each needs.

use chrono::NaiveDate;

use super::build::Builder;
use super::scenario::{self, GroupRow, GroupsCell, Intervention, Lever, PlaceKind, Scenario, Strategy};
use super::trigger;
use super::world::{
    Care, CareKind, Class, ClassSet, Day, Desk, Gate, Given, Reason, Reception, Relief, Risk, Shelter, Stay, Tracking,
    Trigger, World,
};

/// The groups as levers before the crisis leave them: who is registered has papers, whom employers look after is brought out.
pub(super) fn groups(scenario: &Scenario, strategy: &Strategy) -> Vec<GroupRow> {
    let mut groups = scenario.groups.clone();
    for row in &strategy.interventions {
        let share = row.share.unwrap_or(0.0);
        for group in groups.iter_mut().filter(|g| concerns(row, g)) {
            match row.lever {
                Lever::Registration => group.documents += share * (1.0 - group.documents),
                Lever::Employers => group.supported += share * (1.0 - group.supported),
                _ => {}
            }
        }
    }
    groups
}

/// Days by which a contingency plan shortens every delay.
pub(super) fn readiness(strategy: &Strategy) -> f64 {
    let plans = strategy.interventions.iter().filter(|i| i.lever == Lever::Readiness);
    plans.map(|i| i.days_earlier.unwrap_or(0.0)).fold(0.0, f64::max)
}

/// By group: USD that levers before the crisis put by for each of its people.
pub(super) fn savings(groups: &[GroupRow], strategy: &Strategy) -> Vec<f64> {
    let rows = || strategy.interventions.iter().filter(|row| row.lever == Lever::Resilience);
    let of = |group: &GroupRow| rows().filter(|row| concerns(row, group)).map(|row| row.usd.unwrap_or(0.0)).sum();
    groups.iter().map(of).collect()
}

/// USD that reach each of those whom `row` pays.
fn paid(row: &Intervention) -> u16 {
    (row.usd.unwrap_or(0.0) * row.share.unwrap_or(1.0)).min(65_535.0) as u16
}

/// Whether `row` is meant for `group`: by its groups, and by its languages where it names some.
fn concerns(row: &Intervention, group: &GroupRow) -> bool {
    let speaks = |language: &String| row.languages.iter().any(|l| l.eq_ignore_ascii_case(language));
    row.groups.includes(&group.id) && (row.languages.is_empty() || group.language.iter().any(speaks))
}

impl Builder<'_> {
    /// For each intervention that pays money out a second class of everybody who may get it: the same with that much more money.
    pub(super) fn paid_classes(&mut self, strategy: &Strategy) {
        let base = self.world.classes.len();
        self.base_classes = base;
        for row in strategy.interventions.iter().filter(|row| row.lever.pays()) {
            let usd = paid(row);
            let mut richer: Vec<Option<usize>> = vec![None; base];
            if usd > 0 && row.per_day.unwrap_or(0.0) > 0.0 {
                for (class, slot) in richer.iter_mut().enumerate() {
                    let held = &self.world.classes[class];
                    if !held.supported && row.groups.includes(&self.world.groups[held.group].id) {
                        let money = held.money.saturating_add(usd);
                        let added = Class { money, ..held.clone() };
                        self.world.classes.push(added);
                        *slot = Some(self.world.classes.len() - 1);
                    }
                }
                for class in 0..base {
                    if let (Some(added), Some(documented)) = (richer[class], self.world.classes[class].with_documents) {
                        self.world.classes[added].with_documents = richer[documented];
                    }
                }
            }
            self.richer.push(richer);
        }
    }

    /// When a row of the strategy begins: by date, or by trigger.
    pub(super) fn gate(
        &mut self,
        name: &str,
        when: Option<&str>,
        start: NaiveDate,
        end: Day,
        delay_days: f64,
        ramp_days: f64,
    ) -> Gate {
        let delay = (delay_days - self.readiness).max(0.0) as Day;
        let trigger = when.and_then(|text| self.trigger(name, text, self.day(start), delay));
        // What is decided before the run may begin before it, too.
        let (start, lead) = match trigger {
            None => (self.day(start.checked_add_days(chrono::Days::new(u64::from(delay))).unwrap_or(start)), 0),
            Some(_) => (self.day(start), delay),
        };
        Gate { trigger, start, end, lead, ramp: ramp_days as Day }
    }

    fn trigger(&mut self, name: &str, text: &str, start: Day, lead: Day) -> Option<usize> {
        // Conditions were checked when they were read.
        let condition = trigger::parse(text).ok()?;
        let world = &self.world;
        let is_meant = |name: &str, place: usize| {
            let spot = &world.places[place];
            spot.id == name
                || name == "all"
                || world.countries[spot.country] == name && !self.place_of.contains_key(name)
        };
        let meant = |name: &str| (0..world.places.len()).filter(|p| is_meant(name, *p)).collect();
        let places = condition.clauses().map(|clause| meant(&clause.where_)).collect();
        let (name, text) = (name.to_owned(), text.to_owned());
        self.world.response.triggers.push(Trigger { name, text, condition, places, start, lead });
        Some(self.world.response.triggers.len() - 1)
    }

    /// Hazards and downturns are so much weaker where people are prepared for them.
    pub(super) fn protect(&mut self, strategy: &Strategy) {
        for row in strategy.interventions.iter().filter(|row| row.lever == Lever::Resilience) {
            let left = 1.0 - row.share.unwrap_or(0.0) as f32;
            let places = self.places_of(row);
            for kind in [&mut self.world.hazard, &mut self.world.economy] {
                for day in kind.values.chunks_mut(kind.places.max(1)) {
                    places.iter().for_each(|place| day[*place] *= left);
                }
            }
        }
    }

    /// All interventions of `strategy`.
    pub(super) fn interventions(&mut self, strategy: &Strategy) {
        let (mut payments, mut trainings) = (0, Vec::new());
        for row in &strategy.interventions {
            self.intervention(row, &mut payments, &mut trainings);
        }
        // Once all crossings and desks are there: trained staff let more people through, and serve more.
        for (places, gate, share) in trainings {
            let at = |place: &usize| places.contains(place);
            for service in self.world.services.iter_mut().filter(|s| s.is_crossing() && at(&s.boards[0].0)) {
                service.trained.push((gate, share));
            }
            for desk in self.world.desks.iter_mut().filter(|desk| desk.places.iter().any(at)) {
                desk.trained.push((gate, share));
            }
        }
    }

    fn intervention(&mut self, row: &Intervention, payments: &mut usize, trainings: &mut Vec<(Vec<usize>, Gate, f64)>) {
        let date = row.start.unwrap_or(self.world.start);
        let (start, Some(end)) = (self.day(date), self.last_day(row.end.unwrap_or(self.scenario.header.end))) else {
            return;
        };
        let id = format!("{}-{}", row.lever, row.line);
        let delay = row.delay_days.unwrap_or(0.0);
        let gate = self.gate(&id, row.when.as_deref(), date, end, delay, row.ramp_days.unwrap_or(0.0));
        if row.cost_fixed_usd > 0.0 {
            self.world.response.costs.push((gate, row.cost_fixed_usd));
        }
        let places = self.places_of(row);
        let scale = f64::from(self.world.scale);
        let persons = row.capacity.map(|n| n / scale);
        let share = row.share.unwrap_or(0.0);
        match row.lever {
            Lever::Information => self.inform(row, gate.start),
            Lever::Documents => {
                let becomes: Vec<Option<usize>> = self.world.classes.iter().map(|c| c.with_documents).collect();
                self.desk(row, id, Given::Documents, gate, places, becomes, row.cost_per_unit_usd);
            }
            Lever::Cash | Lever::Remittances | Lever::Claims => {
                let mut becomes = self.richer.get(*payments).cloned().unwrap_or_default();
                becomes.resize(self.world.classes.len(), None);
                *payments += 1;
                // What families send and employers owe is not paid by the response.
                let own = if row.lever == Lever::Cash { row.usd.unwrap_or(0.0) } else { 0.0 };
                self.desk(row, id, Given::Cash(paid(row)), gate, places, becomes, row.cost_per_unit_usd + own);
            }
            Lever::Waiver => {
                let waived = self.set_of(&row.groups, |_| true);
                self.lift(
                    &waived,
                    gate,
                    |world, b| {
                        let link = &world.links[b];
                        places.contains(&link.from) || places.contains(&link.to)
                    },
                    |reason| reason != Reason::Closed,
                );
            }
            Lever::Border => {
                let lanes =
                    row.lanes.unwrap_or(0.0) * row.persons_per_hour.unwrap_or(0.0) * row.hours_per_day.unwrap_or(24.0);
                let extra = row.per_day.unwrap_or(lanes) / scale;
                for service in self.world.services.iter_mut().filter(|s| s.is_crossing()) {
                    if places.contains(&service.boards[0].0) && extra > 0.0 {
                        service.extra.push((gate, extra));
                    }
                }
            }
            Lever::Shelter => {
                let (places_each, cost_per_place_day) = (persons.unwrap_or(0.0).round() as u32, row.cost_per_unit_usd);
                for place in places {
                    self.world.shelters.push(Shelter {
                        place,
                        start,
                        end,
                        places: places_each,
                        cost_per_place_day,
                        gate,
                    });
                }
            }
            Lever::Training => trainings.push((places, gate, share)),
            Lever::Coordination => self.world.response.coordination.push((places, gate)),
            Lever::SearchAndRescue | Lever::Corridor => {
                let sea = row.lever == Lever::SearchAndRescue;
                let links = self.links_among(row, &places, sea);
                if row.lever == Lever::Corridor {
                    let everybody = self.set_of(&row.groups, |_| true);
                    self.lift(&everybody, gate, |_, b| links.contains(&b), |reason| reason == Reason::Closed);
                }
                self.world.response.reliefs.push(Relief { links, gate, share });
            }
            Lever::Reception => {
                let wanted = self.set_of(&row.groups, |_| true);
                let of = |group: &usize| wanted.iter().any(|class| self.world.classes[class].group == *group);
                let groups = (0..self.world.groups.len()).filter(of).collect();
                let days = usize::from(gate.start)..usize::from(gate.end.min(self.world.days - 1)) + 1;
                let capacity = self.per_day(row.per_day.unwrap_or(0.0), days, 0.0);
                let cost_per_person = row.cost_per_unit_usd;
                self.world.response.receptions.push(Reception { groups, gate, capacity, cost_per_person });
            }
            Lever::Stay => {
                let classes = self.set_of(&row.groups, |_| true);
                self.world.response.stays.push(Stay { places, classes, gate });
            }
            Lever::Tracking => {
                self.world.response.tracking = Tracking {
                    delay: delay as Day,
                    every: row.every_days.unwrap_or(1.0).max(1.0) as Day,
                    error: row.error.unwrap_or(0.0),
                };
            }
            Lever::Funding => self.fund(row, gate),
            // Before the crisis, see above.
            Lever::Registration | Lever::Employers | Lever::Readiness | Lever::Resilience => {}
            Lever::Wash
            | Lever::Relief
            | Lever::Health
            | Lever::Psychosocial
            | Lever::Screening
            | Lever::CounterTrafficking
            | Lever::FamilyUnity
            | Lever::Firewall
            | Lever::HostSupport => {
                if let Some(kind) = CareKind::of_lever(row.lever) {
                    self.care(row, kind, gate, places, persons.filter(|_| kind != CareKind::Firewall));
                }
            }
        }
    }

    fn places_of(&self, row: &Intervention) -> Vec<usize> {
        let named = |index: usize| {
            let place = &self.world.places[index];
            row.places.is_empty()
                || row.places.iter().any(|name| *name == place.id || *name == self.world.countries[place.country])
        };
        (0..self.world.places.len()).filter(|i| named(*i)).collect()
    }

    /// People understand earlier, but not before the lever starts; of a share reached the group's middle moves by that share.
    fn inform(&mut self, row: &Intervention, start: Day) {
        let earlier = row.days_earlier.unwrap_or(0.0) * row.share.unwrap_or(1.0);
        for (group, written) in self.world.groups.iter_mut().zip(&self.groups) {
            if concerns(row, written) {
                let earliest = f64::from(start).min(group.info_day);
                group.info_day = (group.info_day - earlier).max(earliest);
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn desk(
        &mut self,
        row: &Intervention,
        id: String,
        gives: Given,
        gate: Gate,
        places: Vec<usize>,
        becomes: Vec<Option<usize>>,
        cost_per_person: f64,
    ) {
        let per_day = row.per_day.unwrap_or(0.0);
        if per_day <= 0.0 {
            return;
        }
        let eligible = {
            let wanted = self.set_of(&row.groups, |_| true);
            ClassSet::from_fn(self.world.classes.len(), |c| becomes[c].is_some() && wanted.contains(c))
        };
        let days = usize::from(gate.start)..usize::from(gate.end.min(self.world.days - 1)) + 1;
        let capacity = self.per_day(per_day, days, 0.0);
        let priority = self.priority(&row.priority);
        self.world.desks.push(Desk {
            id,
            gives,
            places,
            eligible,
            priority,
            capacity,
            cost_per_person,
            gate,
            becomes,
            trained: Vec::new(),
        });
    }

    fn care(&mut self, row: &Intervention, kind: CareKind, gate: Gate, places: Vec<usize>, persons: Option<f64>) {
        let groups = self.world.groups.iter().map(|group| row.groups.includes(&group.id)).collect();
        let cost_per_person_day = row.cost_per_unit_usd;
        let mut share = [0.0; Risk::COUNT];
        kind.eases().iter().for_each(|risk| share[*risk as usize] = row.share.unwrap_or(0.0));
        self.world.response.cares.push(Care { kind, places, groups, gate, persons, share, cost_per_person_day });
    }

    /// Takes note of where any strategy of the scenario gives which care.
    pub(super) fn stated_care(&mut self) {
        let rows = self.scenario.strategies.values().flat_map(|strategy| &strategy.interventions);
        for (row, kind) in rows.filter_map(|row| Some((row, CareKind::of_lever(row.lever)?))) {
            let places = self.places_of(row);
            let stated = &mut self.world.response.stated_care[kind as usize];
            stated.extend(places);
            stated.sort_unstable();
            stated.dedup();
        }
    }

    /// Links between the places (all of them where none are named); for search and rescue those by sea from or to one of them.
    fn links_among(&self, row: &Intervention, places: &[usize], at_sea: bool) -> Vec<usize> {
        let is_meant = |link: &super::world::Link| {
            let both = places.contains(&link.from) && places.contains(&link.to);
            let either = places.contains(&link.from) || places.contains(&link.to);
            if at_sea { either && link.mode == super::world::Mode::Sea } else { both || row.places.is_empty() }
        };
        (0..self.world.links.len()).filter(|l| is_meant(&self.world.links[*l])).collect()
    }

    /// Barriers on links that `here` names, for reasons that `reason` names, are lifted for the `waived` classes by `gate`.
    fn lift(
        &mut self,
        waived: &ClassSet,
        gate: Gate,
        here: impl Fn(&World, usize) -> bool,
        reason: impl Fn(Reason) -> bool,
    ) {
        let mut split = Vec::new();
        for mut barrier in std::mem::take(&mut self.world.barriers) {
            let concerned = |c: usize| barrier.classes.contains(c) && waived.contains(c);
            let any = (0..self.world.classes.len()).any(concerned);
            if !any || !reason(barrier.reason) || !here(&self.world, barrier.link) {
                split.push(barrier);
                continue;
            }
            let lifted = ClassSet::from_fn(self.world.classes.len(), concerned);
            let rest =
                ClassSet::from_fn(self.world.classes.len(), |c| barrier.classes.contains(c) && !waived.contains(c));
            let mut part = super::world::Barrier { classes: lifted, ..barrier.clone() };
            part.lifted_by.push(gate);
            split.push(part);
            if rest.iter().next().is_some() {
                barrier.classes = rest;
                split.push(barrier);
            }
        }
        self.world.barriers = split;
    }

    /// Money is released in equal parts over `ramp_days` from the start (at once where there are none).
    fn fund(&mut self, row: &Intervention, gate: Gate) {
        let days = usize::from(self.world.days);
        self.world.response.funds.resize(days, 0.0);
        let mut from = gate;
        from.trigger = None;
        for (day, released) in self.world.response.funds.iter_mut().enumerate() {
            let strength = if day > usize::from(gate.end) { 1.0 } else { from.strength(day as Day, &[]) };
            *released += row.usd.unwrap_or(0.0) * strength;
        }
    }
}

/// `strategy` with its seats pooled, if it says so: seats that help keeps for some nationalities are for everybody who waits
/// there, can return, and has a home in another country than the one where the seats leave. Seats for people who cannot return
/// stay theirs.
pub(super) fn pool(mut strategy: Strategy, scenario: &Scenario) -> Strategy {
    if !strategy.pool_seats {
        return strategy;
    }
    let is_hub = |id: &str| scenario.locations.iter().any(|l| l.id == id && l.kind == PlaceKind::Hub);
    let country = |id: &str| scenario.locations.iter().find(|l| l.id == id).map(|l| l.country.as_str());
    let may_board = |group: &GroupRow, from: &str| {
        group.can_return && group.home.as_ref().is_some_and(|home| country(home) != country(from))
    };
    for row in strategy.services.iter_mut().filter(|row| row.assistance) {
        let ends_at_home = match &row.to {
            scenario::Destination::Home => true,
            scenario::Destination::Place(id) => is_hub(id),
        };
        let (boarding, others): (Vec<&GroupRow>, Vec<&GroupRow>) =
            scenario.groups.iter().partition(|g| may_board(g, &row.from));
        if ends_at_home && boarding.iter().any(|g| row.groups.includes(&g.id)) {
            row.to = scenario::Destination::Home;
            row.order = scenario::Order::Pooled;
            row.groups = GroupsCell::Except(others.iter().map(|g| g.id.clone()).collect());
        }
    }
    strategy
}
