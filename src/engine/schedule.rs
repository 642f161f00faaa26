//! Schedule: what holds today. Shocks, closures, rules of admission, limits, conversions of places.

use crate::scenario::world::{Barrier, ClassSet, Day, Gate, Place, PlaceKind, Reason, Taste, World, whole_persons};

use super::choose::room;
use super::counts::Counts;

/// How long people rest at a place before they go on: one trial a day with the same chance.
#[derive(Debug, Clone, PartialEq)]
pub struct Rest {
    /// Chance per day of going on.
    pub chance: f64,
    /// A uniform word below it fails the first trial.
    first: u32,
    survival: Vec<u32>,
    log_stay: f64,
}

impl Rest {
    /// The law for a daily `chance`.
    pub fn new(chance: f64) -> Self {
        let stay = 1.0 - chance.clamp(0.0, 1.0);
        let word = |share: f64| (share * 4_294_967_296.0).min(4_294_967_295.0) as u32;
        let mut survival = Vec::new();
        let mut left = stay;
        // A table pays where most rests are short.
        while chance > 0.1 && survival.len() < 24 && left * 4_294_967_296.0 >= 1.0 {
            survival.push(word(left));
            left *= stay;
        }
        Self { chance, first: word(stay), survival, log_stay: libm::log(stay) }
    }

    /// Whether the first trial fails, for a uniform `word`.
    #[inline(always)]
    pub fn fails(&self, word: u32) -> bool {
        word < self.first
    }

    /// Days of failed trials before the first that succeeds, for a uniform `word`: the geometric law.
    #[inline(always)]
    pub fn failures(&self, word: u32) -> Day {
        if word >= self.first {
            return 0;
        }
        if self.chance <= 0.0 {
            return Day::MAX;
        }
        match self.survival.iter().position(|s| word >= *s) {
            Some(days) => days as Day,
            None => {
                ((libm::log((f64::from(word) + 0.5) / 4_294_967_296.0) / self.log_stay).min(65_535.0) as Day).max(1)
            }
        }
    }
}

/// What holds today on places and links.
#[derive(Debug, Clone)]
pub struct Today {
    /// The day.
    pub day: Day,
    /// What each place is now.
    pub kind: Vec<PlaceKind>,
    /// How long people rest at each place.
    pub rest: Vec<Rest>,
    /// How long people stay until they leave the system for good, by place; empty: nobody does.
    pub leave: Vec<Rest>,
    /// Places whose law of rest has changed today: everybody resting there draws again.
    pub woken: Vec<bool>,
    /// Places whose danger has risen above, or fallen below, the threshold today: those in refuge there choose again.
    pub alarmed: Vec<bool>,
    /// Places below the danger threshold.
    pub safe: Vec<bool>,
    /// Days for which each place has been calm.
    pub calm_days: Vec<Day>,
    /// Score of each place for people who look for safety.
    pub score: Vec<f64>,
    /// Towns without conflict.
    pub town: Vec<bool>,
    /// Whether there is conflict at each place.
    pub fighting: Vec<bool>,
    /// Weight of displacement at each place per resident, where a series displaces people; see `depart.rs`.
    pub displacement: Vec<f64>,
    /// By link: classes that cannot pass it.
    pub barred: Vec<ClassSet>,
    /// Links closed for everybody who looks for safety.
    pub closed: Vec<bool>,
    /// Index of the crossing service that limits a link today, if any.
    pub crossing: Vec<Option<usize>>,
    /// Persons that each service can grant today; `u32::MAX`: no limit.
    pub capacity: Vec<u32>,
    /// Persons a day that each service grants on such days, fractions included; 0: it does not run.
    pub rate: Vec<f64>,
    /// Persons that each desk can serve today.
    pub desk: Vec<u32>,
    /// Places of each shelter today.
    pub shelter: Vec<u32>,
    /// Share of the danger that reliefs leave on each link.
    pub danger: Vec<f32>,
    /// Barriers that something has lifted.
    pub lifted: Vec<bool>,
    /// Strength of each care, 0-1.
    pub care: Vec<f64>,
    /// Places where those who give care of the same kind reach different people.
    pub coordinated: Vec<bool>,
    /// Strength of each stay, 0-1: above 0 it holds.
    pub stay: Vec<f64>,
    /// Whether what is barred or limited differs from yesterday.
    pub ways_changed: bool,
    move_chance: Vec<Option<f64>>,
    /// Fractions of persons left from earlier days, by service and by desk.
    carried: Vec<f64>,
    desk_carried: Vec<f64>,
    /// Links closed for everybody.
    closed_to_all: Vec<bool>,
    /// Barriers that turn back a share of those who come.
    turning_back: Vec<usize>,
}

impl Today {
    /// Before the first day.
    pub fn new(world: &World) -> Self {
        let (places, links) = (world.places.len(), world.links.len());
        Self {
            day: 0,
            kind: world.places.iter().map(|p| p.kind).collect(),
            rest: vec![Rest::new(-1.0); places],
            leave: world.conditions.leave_chance.iter().map(|chance| Rest::new(*chance)).collect(),
            woken: vec![false; places],
            alarmed: vec![false; places],
            safe: vec![true; places],
            calm_days: vec![0; places],
            score: vec![1.0; places],
            town: vec![false; places],
            fighting: vec![false; places],
            displacement: vec![0.0; places],
            barred: vec![ClassSet::default(); links],
            closed: vec![false; links],
            crossing: vec![None; links],
            capacity: vec![0; world.services.len()],
            rate: vec![0.0; world.services.len()],
            desk: vec![0; world.desks.len()],
            shelter: vec![0; world.shelters.len()],
            danger: vec![1.0; links],
            lifted: vec![false; world.barriers.len()],
            care: vec![0.0; world.response.cares.len()],
            coordinated: vec![false; places],
            stay: vec![0.0; world.response.stays.len()],
            ways_changed: true,
            move_chance: world.places.iter().map(|p| p.move_chance).collect(),
            carried: vec![0.0; world.services.len()],
            desk_carried: vec![0.0; world.desks.len()],
            closed_to_all: vec![false; links],
            turning_back: Vec::new(),
        }
    }

    /// Turns to `day`: step 1 of a day. `fired` says on which day each trigger fired.
    pub fn turn(&mut self, world: &World, day: Day, fired: &[Option<Day>]) {
        self.day = day;
        let eased = self.turn_response(world, fired);
        for conversion in world.conversions.iter().filter(|c| c.day == day) {
            self.kind[conversion.place] = conversion.kind;
            self.move_chance[conversion.place] = conversion.move_chance;
        }
        self.turn_places(world);
        self.turn_links(world, eased);
    }

    /// What the response offers today. Whether a way has become easier or harder by it.
    fn turn_response(&mut self, world: &World, fired: &[Option<Day>]) -> bool {
        let (day, at) = (self.day, usize::from(self.day));
        for (rate, service) in self.rate.iter_mut().zip(&world.services) {
            let extra = service.extra.iter().map(|(gate, persons)| gate.of(*persons, day, fired));
            let open = service.gate.of(service.capacity[at], day, fired) + extra.sum::<f64>();
            *rate = with_training(open, &service.trained, day, fired);
        }
        for ((persons, carried), desk) in self.desk.iter_mut().zip(&mut self.desk_carried).zip(&world.desks) {
            let open = desk.gate.of(desk.capacity[at], day, fired);
            *persons = whole_persons(with_training(open, &desk.trained, day, fired), carried);
        }
        for (places, shelter) in self.shelter.iter_mut().zip(&world.shelters) {
            let open = shelter.start <= day && day <= shelter.end;
            let places_open = if open { shelter.gate.of(f64::from(shelter.places), day, fired) } else { 0.0 };
            *places = (places_open + 1e-9) as u32;
        }
        let response = &world.response;
        let danger = self.danger.clone();
        self.danger.fill(1.0);
        for relief in &response.reliefs {
            let left = 1.0 - relief.share * relief.gate.strength(day, fired);
            relief.links.iter().for_each(|link| self.danger[*link] *= left as f32);
        }
        let open = |gate: &Gate| gate.strength(day, fired) > 0.0;
        let lifted: Vec<bool> = world.barriers.iter().map(|b| b.lifted_by.iter().any(open)).collect();
        for (strength, care) in self.care.iter_mut().zip(&response.cares) {
            *strength = care.gate.strength(day, fired);
        }
        self.coordinated.fill(false);
        for (places, _) in response.coordination.iter().filter(|(_, gate)| gate.strength(day, fired) > 0.0) {
            places.iter().for_each(|place| self.coordinated[*place] = true);
        }
        for (strength, stay) in self.stay.iter_mut().zip(&response.stays) {
            *strength = stay.gate.strength(day, fired);
        }
        let eased = lifted != self.lifted || danger != self.danger;
        self.lifted = lifted;
        eased
    }

    fn turn_places(&mut self, world: &World) {
        let (choice, travel) = (&world.parameters.choice, &world.parameters.travel);
        let (conflict, hazard) = (world.conflict.on(self.day), world.hazard.on(self.day));
        let conditions = &world.conditions;
        let given = (conditions.score.on(self.day), conditions.move_chance.on(self.day));
        let displacement = conditions.displacement.on(self.day);
        for (i, place) in world.places.iter().enumerate() {
            let fighting = conflict.get(i).map_or(0.0, |c| f64::from(*c));
            let hazard = hazard.get(i).map_or(0.0, |h| f64::from(*h));
            let intensity = fighting.max(hazard);
            let safe = intensity < world.parameters.stranding.danger_threshold;
            self.alarmed[i] = safe != self.safe[i];
            self.safe[i] = safe;
            let calm = intensity < world.parameters.stranding.calm_threshold;
            self.calm_days[i] = if calm { self.calm_days[i].saturating_add(1) } else { 0 };
            let camp = self.kind[i] == PlaceKind::Camp;
            let mut score = place.score;
            if place.foreign {
                score *= choice.foreign_weight;
            }
            if camp {
                score *= choice.camp_weight;
            }
            if fighting > 0.0 {
                score *= libm::pow(choice.conflict_weight, fighting);
            }
            if hazard > 0.0 {
                score *= libm::pow(choice.hazard_weight, hazard);
            }
            if let Some(factor) = given.0.get(i) {
                score *= f64::from(*factor);
            }
            self.score[i] = score;
            self.fighting[i] = fighting > 0.0;
            self.town[i] = self.kind[i] == PlaceKind::Town && !self.fighting[i];
            self.displacement[i] = fighting + displacement.get(i).map_or(0.0, |weight| f64::from(*weight));
            let chance = match given.1.get(i) {
                Some(chance) if *chance >= 0.0 => f64::from(*chance),
                _ if fighting > 0.0 || hazard > 0.0 => travel.move_chance_conflict,
                _ => {
                    self.move_chance[i].unwrap_or(if camp { travel.move_chance_camp } else { travel.move_chance_town })
                }
            };
            self.woken[i] = chance != self.rest[i].chance;
            if self.woken[i] {
                self.rest[i] = Rest::new(chance);
            }
        }
    }

    fn turn_links(&mut self, world: &World, eased: bool) {
        let day = self.day;
        self.ways_changed =
            eased || day == 0 || world.barriers.iter().any(|b| b.start == day || b.end.checked_add(1) == Some(day));
        if self.ways_changed {
            self.barred.fill(ClassSet::default());
            self.closed.fill(false);
            let holds = |(index, b): &(usize, &Barrier)| {
                b.start <= day && day <= b.end && b.share >= 1.0 && !self.lifted[*index]
            };
            let mut shut = vec![ClassSet::default(); self.barred.len()];
            for (_, barrier) in world.barriers.iter().enumerate().filter(holds) {
                self.barred[barrier.link].join(&barrier.classes);
                if barrier.reason == Reason::Closed {
                    shut[barrier.link].join(&barrier.classes);
                    self.closed[barrier.link] |= world.safety_classes().all(|c| barrier.classes.contains(c));
                }
            }
            let to_all = |classes: &ClassSet| (0..world.classes.len()).all(|class| classes.contains(class));
            self.closed_to_all = shut.iter().map(to_all).collect();
            let turns_back = |(index, b): &(usize, &Barrier)| {
                let today = b.start <= day && day <= b.end && !self.lifted[*index];
                today && b.share < 1.0 && b.reason == Reason::Refused
            };
            self.turning_back = world.barriers.iter().enumerate().filter(turns_back).map(|(index, _)| index).collect();
        }
        let mut crossing = vec![None; self.crossing.len()];
        for (index, service) in world.services.iter().enumerate() {
            let links = || service.links.iter().flatten();
            if service.is_crossing() && self.rate[index].is_finite() {
                links().for_each(|link| crossing[*link] = Some(index));
            }
            // Nothing leaves on a way that is closed to everybody.
            if !service.is_crossing() && links().next().is_some() && links().all(|link| self.closed_to_all[*link]) {
                self.rate[index] = 0.0;
            }
            self.capacity[index] = whole_persons(self.rate[index], &mut self.carried[index]);
        }
        self.ways_changed |= crossing != self.crossing;
        self.crossing = crossing;
    }

    /// Whether any border turns back a share of those who come.
    #[inline(always)]
    pub fn turns_back(&self) -> bool {
        !self.turning_back.is_empty()
    }

    /// Share of those of `class` who come to `link` today that the border does not turn back.
    pub fn admitted(&self, world: &World, link: usize, class: usize) -> f64 {
        let here = self.turning_back.iter().map(|barrier| &world.barriers[*barrier]);
        let here = here.filter(|barrier| barrier.link == link && barrier.classes.contains(class));
        here.map(|barrier| 1.0 - barrier.share).product()
    }

    /// Days that those of `class` who are turned back on `link` expect to try again.
    pub fn turned_back_days(&self, world: &World, link: usize, class: usize) -> f32 {
        (1.0 / self.admitted(world, link, class) - 1.0) as f32
    }

    /// Score of `place` for people who have `taste`.
    pub fn score_for(&self, taste: &Taste, place: usize) -> f64 {
        let mut score = libm::pow(self.score[place], taste.power);
        let here = [
            (self.kind[place] == PlaceKind::Camp, &taste.in_camps),
            (self.is_town(place), &taste.in_towns),
            (self.fighting[place], &taste.in_conflict),
        ];
        for (holds, factors) in here {
            if let Some(factor) = factors.get(place).filter(|_| holds) {
                score *= factor;
            }
        }
        score
    }

    /// Whether `place` is a town without conflict.
    pub fn is_town(&self, place: usize) -> bool {
        self.town[place]
    }

    /// Room at every place on the published counts: 1 where there is no limit.
    pub fn room(&self, world: &World, counts: &Counts) -> Vec<f64> {
        let choice = &world.parameters.choice;
        let (scaling, buffer) = (choice.capacity_scaling, choice.capacity_buffer);
        let added = &world.conditions.capacity_per_day;
        let days = f64::from(self.day) + 1.0;
        let capacity = |(i, place): (usize, &Place)| {
            let capacity = place.capacity? + added.get(i).map_or(0.0, |rate| rate * days);
            Some(room(counts.present_at(i), capacity, scaling, buffer).max(choice.overflow))
        };
        world.places.iter().enumerate().map(|place| capacity(place).unwrap_or(1.0)).collect()
    }
}

/// `rate` and what trained staff add to it.
fn with_training(rate: f64, trained: &[(Gate, f64)], day: Day, fired: &[Option<Day>]) -> f64 {
    rate * (1.0 + trained.iter().map(|(gate, share)| share * gate.strength(day, fired)).sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rest_follows_the_geometric_law() {
        for chance in [0.5, 0.3, 0.1, 0.001] {
            let rest = Rest::new(chance);
            let n = 1u64 << 16;
            let mean = (0..n).map(|i| f64::from(rest.failures(((i << 16) + (1 << 15)) as u32))).sum::<f64>() / n as f64;
            let expected = (1.0 - chance) / chance;
            assert!((mean / expected - 1.0).abs() < 0.01, "chance {chance}: mean {mean}, expected {expected}");
        }
        assert_eq!(Rest::new(1.0).failures(7), 0);
        assert_eq!(Rest::new(0.0).failures(7), Day::MAX);
        assert!(Rest::new(0.5).fails(7) && !Rest::new(0.5).fails(1 << 31));
    }
}
