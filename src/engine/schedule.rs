//! Schedule: what holds today. Shocks, closures, rules of admission, limits, conversions of places.

use crate::scenario::world::{Barrier, ClassSet, Day, Gate, Place, PlaceKind, Reason, Taste, World};

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
    /// Factor of the length of detentions that begin today.
    pub held: f64,
    /// Whether what is barred or limited differs from yesterday.
    pub ways_changed: bool,
    move_chance: Vec<Option<f64>>,
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
            desk: vec![0; world.desks.len()],
            shelter: vec![0; world.shelters.len()],
            danger: vec![1.0; links],
            lifted: vec![false; world.barriers.len()],
            care: vec![0.0; world.response.cares.len()],
            coordinated: vec![false; places],
            stay: vec![0.0; world.response.stays.len()],
            held: 1.0,
            ways_changed: true,
            move_chance: world.places.iter().map(|p| p.move_chance).collect(),
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
        for (capacity, service) in self.capacity.iter_mut().zip(&world.services) {
            let extra = service.extra.iter().map(|(gate, persons)| gate.of(*persons, day, fired));
            let open = extra.fold(service.gate.of(service.capacity[at], day, fired), u32::saturating_add);
            *capacity = with_training(open, &service.trained, day, fired);
        }
        for (capacity, desk) in self.desk.iter_mut().zip(&world.desks) {
            *capacity = with_training(desk.gate.of(desk.capacity[at], day, fired), &desk.trained, day, fired);
        }
        for (places, shelter) in self.shelter.iter_mut().zip(&world.shelters) {
            let open = shelter.start <= day && day <= shelter.end;
            *places = if open { shelter.gate.of(shelter.places, day, fired) } else { 0 };
        }
        let response = &world.response;
        let danger = self.danger.clone();
        self.danger.fill(1.0);
        for relief in &response.reliefs {
            let left = 1.0 - relief.share * relief.gate.strength(day, fired);
            relief.links.iter().for_each(|link| self.danger[*link] *= left as f32);
        }
        let lifted = |gate: Option<Gate>| gate.is_some_and(|g| g.strength(day, fired) > 0.0);
        let lifted: Vec<bool> = world.barriers.iter().map(|b| lifted(b.lifted_by)).collect();
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
        self.held =
            response.releases.iter().map(|(gate, factor)| 1.0 - (1.0 - factor) * gate.strength(day, fired)).product();
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
            for (_, barrier) in world.barriers.iter().enumerate().filter(holds) {
                self.barred[barrier.link].join(&barrier.classes);
                self.closed[barrier.link] |=
                    barrier.reason == Reason::Closed && world.safety_classes().all(|c| barrier.classes.contains(c));
            }
        }
        let mut crossing = vec![None; self.crossing.len()];
        for (index, service) in world.services.iter().enumerate().filter(|(_, s)| s.is_crossing()) {
            if self.capacity[index] < u32::MAX {
                for link in service.links.iter().flatten() {
                    crossing[*link] = Some(index);
                }
            }
        }
        self.ways_changed |= crossing != self.crossing;
        self.crossing = crossing;
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

/// `capacity` and what trained staff add to it, whole persons over the days: fractions are carried over while it stays the same.
fn with_training(capacity: u32, trained: &[(Gate, f64)], day: Day, fired: &[Option<Day>]) -> u32 {
    let share: f64 = trained.iter().map(|(gate, share)| share * gate.strength(day, fired)).sum();
    if share <= 0.0 || capacity >= u32::MAX - 1 {
        return capacity;
    }
    let by = |days: f64| (days * share * f64::from(capacity) + 1e-9).floor();
    let more = by(f64::from(day) + 1.0) - by(f64::from(day));
    (f64::from(capacity) + more).min(f64::from(u32::MAX - 1)) as u32
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
