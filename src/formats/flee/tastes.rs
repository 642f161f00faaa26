//! Who new agents are, as far as Flee's rules of choice ask: classes of people who see the places alike.

use super::FleeCase;
use crate::scenario::world::Taste;

/// The classes of a case: how each sees the places, and with what weights each occurs among those displaced from each place.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tastes {
    /// One for each class; empty: all are alike.
    pub tastes: Vec<Taste>,
    /// Classes with weights, by place.
    pub mix: Vec<Vec<(u32, f64)>>,
}

impl Tastes {
    /// The classes of `case` at one agent for `scale` persons.
    pub fn of(case: &FleeCase, scale: u32) -> Tastes {
        let moves = &case.settings.moves;
        let ethnicity = moves.match_camp_ethnicity || moves.match_town_ethnicity || moves.match_conflict_ethnicity;
        let asked = |attribute: &str| match attribute {
            "age" => moves.children_avoid_hazards || moves.elderly_avoid_hazards,
            "gender" => moves.women_avoid_hazards || (moves.children_avoid_hazards && moves.boys_take_risk),
            "ethnicity" => ethnicity,
            "religion" => moves.match_camp_religion,
            _ => false,
        };
        let attributes: Vec<_> = case.demographics.iter().filter(|d| asked(&d.attribute)).collect();
        if attributes.is_empty() {
            return Tastes::default();
        }
        let mut known: Vec<(f64, Option<String>, Option<String>)> = Vec::new();
        let mut mix = Vec::with_capacity(case.locations.len());
        for place in 0..case.locations.len() {
            // All combinations of values with their joint weight, kept by what they decide.
            let mut people: Vec<(Person, f64)> = vec![(Person::default(), 1.0)];
            for demographic in &attributes {
                let own = demographic.by_location.iter().find(|(location, _)| *location == place);
                let weights = own.map_or(&demographic.default, |(_, weights)| weights);
                let total: f64 = weights.iter().sum();
                let mut next: Vec<(Person, f64)> = Vec::new();
                for (person, weight) in &people {
                    for (value, share) in demographic.values.iter().zip(weights) {
                        let person = person.with(&demographic.attribute, value);
                        let weight = weight * share / total;
                        match next.iter_mut().find(|(other, _)| *other == person) {
                            Some((_, sum)) => *sum += weight,
                            None => next.push((person, weight)),
                        }
                    }
                }
                people = next;
            }
            let mut classes: Vec<(u32, f64)> = Vec::new();
            for (person, weight) in people.into_iter().filter(|(_, weight)| *weight > 0.0) {
                let power = person.power(case);
                let index =
                    known.iter().position(|k| (k.0, &k.1, &k.2) == (power, &person.ethnicity, &person.religion));
                let class = index.unwrap_or_else(|| {
                    known.push((power, person.ethnicity.clone(), person.religion.clone()));
                    known.len() - 1
                }) as u32;
                match classes.iter_mut().find(|(other, _)| *other == class) {
                    Some((_, sum)) => *sum += weight,
                    None => classes.push((class, weight)),
                }
            }
            mix.push(classes);
        }
        let tastes = known.iter().map(|(power, ethnicity, religion)| taste(case, scale, *power, ethnicity, religion));
        Tastes { tastes: tastes.collect(), mix }
    }
}

/// What the rules ask of a person.
#[derive(Debug, Clone, Default, PartialEq)]
struct Person {
    child: bool,
    elderly: bool,
    above_fourteen: bool,
    female: bool,
    male: bool,
    ethnicity: Option<String>,
    religion: Option<String>,
}

impl Person {
    fn with(&self, attribute: &str, value: &str) -> Person {
        let mut person = self.clone();
        match attribute {
            "age" => {
                let age = value.parse::<f64>().unwrap_or(30.0);
                person.child = age < 19.0;
                person.elderly = age > 59.0;
                person.above_fourteen = age > 14.0;
            }
            "gender" => {
                let word = value.to_lowercase();
                person.female = matches!(word.as_str(), "female" | "f");
                person.male = matches!(word.as_str(), "male" | "m");
            }
            "ethnicity" => person.ethnicity = Some(value.to_owned()),
            "religion" => person.religion = Some(value.to_owned()),
            _ => {}
        }
        person
    }

    /// Power of every score for this person: squared once for each rule that holds; 0 for those who take risks.
    fn power(&self, case: &FleeCase) -> f64 {
        let moves = &case.settings.moves;
        let mut power = 1.0;
        if moves.children_avoid_hazards && self.child {
            power *= 2.0;
        }
        if moves.children_avoid_hazards && moves.boys_take_risk && self.male && self.above_fourteen {
            power = 0.0;
        }
        if moves.elderly_avoid_hazards && self.elderly {
            power *= 2.0;
        }
        if moves.women_avoid_hazards && self.female {
            power *= 2.0;
        }
        power
    }
}

fn taste(case: &FleeCase, scale: u32, power: f64, ethnicity: &Option<String>, religion: &Option<String>) -> Taste {
    let moves = &case.settings.moves;
    // Share of the residents who have the value, times `factor`; 1 where nobody lives.
    let shares = |value: &Option<String>, on: bool, factor: f64| -> Vec<f64> {
        let Some(value) = value.as_ref().filter(|_| on) else { return Vec::new() };
        let share = |place: &super::Location| {
            let residents = place.residents(scale) as f64;
            let count = place.attribute_number(value).unwrap_or(0.0);
            if residents > 0.0 { count / residents * factor } else { 1.0 }
        };
        case.locations.iter().map(share).collect()
    };
    let mut in_camps = shares(ethnicity, moves.match_camp_ethnicity, 10.0);
    let by_religion = shares(religion, moves.match_camp_religion, 1.0 / moves.avg_religion_fraction);
    if in_camps.is_empty() {
        in_camps = by_religion;
    } else {
        in_camps.iter_mut().zip(by_religion).for_each(|(factor, more)| *factor *= more);
    }
    Taste {
        power,
        in_camps,
        in_towns: shares(ethnicity, moves.match_town_ethnicity, 10.0),
        in_conflict: shares(ethnicity, moves.match_conflict_ethnicity, 10.0),
    }
}
