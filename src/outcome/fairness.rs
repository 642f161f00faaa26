//! How evenly it falls: gaps (M37), Gini (M38) and the worst-off group (M39).

use std::collections::BTreeMap;

use super::metrics::{Facts, Value};
use super::moves::{arrived_by_group, has_home};
use super::stuck::spells;

/// Groups of fewer simulated persons than this are pooled.
pub(crate) const SMALLEST_GROUP: f64 = 30.0;
/// Names of the ages of a party composition.
pub const AGES: [&str; 5] = ["0-4", "5-11", "12-17", "18-59", "60+"];
/// Names of the sexes of a party composition.
pub const SEXES: [&str; 2] = ["female", "male"];

/// A name, a total, and the simulated persons it falls on.
type Burden = (String, f64, f64);

impl Facts<'_> {
    /// Stranded person-days and persons by sex.
    pub fn by_sex(&self) -> Vec<Burden> {
        let cells = self.sex_and_age();
        let sum = |sex: usize| cells[sex].iter().fold((0.0, 0.0), |(d, p), cell| (d + cell.0, p + cell.1));
        let burden = |(sex, name): (usize, &&str)| (format!("sex:{name}"), sum(sex).0, sum(sex).1);
        SEXES.iter().enumerate().map(burden).collect()
    }

    /// Stranded person-days and persons by age.
    pub fn by_age(&self) -> Vec<Burden> {
        let cells = self.sex_and_age();
        let sum = |age: usize| (cells[0][age].0 + cells[1][age].0, cells[0][age].1 + cells[1][age].1);
        let burden = |(age, name): (usize, &&str)| (format!("age:{name}"), sum(age).0, sum(age).1);
        AGES.iter().enumerate().map(burden).collect()
    }

    /// Stranded person-days from spells, and persons expected from the law of party compositions, by sex and age.
    fn sex_and_age(&self) -> [[(f64, f64); 5]; 2] {
        let mut cells = [[(0.0, 0.0); 5]; 2];
        for (index, group) in self.world.groups.iter().enumerate() {
            let mut expected = [[0.0; 5]; 2];
            let (mut below, mut size) = (0, 0.0);
            for (composition, up_to) in &group.parties {
                let weight = up_to.saturating_sub(below) as f64;
                below = *up_to;
                let Some(composition) = self.world.compositions.get(usize::from(*composition)) else { continue };
                size += weight * f64::from(composition.size());
                for (sex, ages) in composition.persons().iter().enumerate() {
                    for (age, persons) in ages.iter().enumerate() {
                        expected[sex][age] += weight * f64::from(*persons);
                    }
                }
            }
            for sex in 0..2 {
                for age in 0..5 {
                    let days = self.outcome.stranded_person_days.get(index).map_or(0, |table| table[sex][age]);
                    cells[sex][age].0 += days as f64;
                    if size > 0.0 {
                        cells[sex][age].1 += self.population[index] * expected[sex][age] / size;
                    }
                }
            }
        }
        cells
    }

    /// Stranded and trapped person-days, and persons, by group.
    fn stuck(&self) -> Vec<Burden> {
        let days = |g: usize| self.stranded.iter().chain(&self.trapped).map(|day| day[g]).sum::<u64>() as f64;
        let burden =
            |(g, group): (usize, &crate::scenario::world::Group)| (group.name.clone(), days(g), self.population[g]);
        self.world.groups.iter().enumerate().map(burden).collect()
    }

    fn stuck_by_status(&self) -> Vec<Burden> {
        let mut statuses: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for (group, (_, days, persons)) in self.world.groups.iter().zip(self.stuck()) {
            let sum = statuses.entry(&group.status).or_default();
            *sum = (sum.0 + days, sum.1 + persons);
        }
        statuses.into_iter().map(|(status, (days, persons))| (status.to_owned(), days, persons)).collect()
    }
}

/// Each total over its persons, highest first; those on fewer than 30 simulated persons pooled, and left out if the pool is as small.
fn rates(burdens: Vec<Burden>) -> Vec<(String, f64)> {
    let (mut large, small): (Vec<Burden>, Vec<Burden>) = burdens.into_iter().partition(|b| b.2 >= SMALLEST_GROUP);
    let pool = small.iter().fold((0.0, 0.0), |(total, persons), b| (total + b.1, persons + b.2));
    if pool.1 >= SMALLEST_GROUP {
        large.push((format!("{} small groups together", small.len()), pool.0, pool.1));
    }
    let mut rates: Vec<(String, f64)> =
        large.into_iter().map(|(name, total, persons)| (name, total / persons)).collect();
    rates.sort_by(|a, b| b.1.total_cmp(&a.1));
    rates
}

/// Highest minus lowest rate, both named; none of fewer than two.
fn gap_of(rates: &[(String, f64)]) -> Value {
    // `sex:female` is told as `female`.
    let name = |of: &(String, f64)| of.0.rsplit(':').next().unwrap_or_default().to_owned();
    match rates {
        [highest, .., lowest] => Value::of(Some(highest.1 - lowest.1)).with_note(format!(
            "highest: {} ({:.3}), lowest: {} ({:.3})",
            name(highest),
            highest.1,
            name(lowest),
            lowest.1
        )),
        _ => Value::default(),
    }
}

/// M37 (days per person): gap between groups in days stranded or trapped.
pub(super) fn gap(facts: &Facts<'_>) -> Value {
    gap_of(&rates(facts.stuck()))
}

/// M37_ratio: highest over lowest; none where the lowest is 0.
pub(super) fn ratio(facts: &Facts<'_>) -> Value {
    match rates(facts.stuck()).as_slice() {
        [highest, .., lowest] if lowest.1 > 0.0 => Value::of(Some(highest.1 / lowest.1)),
        _ => Value::default(),
    }
}

/// M37_status (days per person): gap between legal statuses.
pub(super) fn status_gap(facts: &Facts<'_>) -> Value {
    gap_of(&rates(facts.stuck_by_status()))
}

/// M37_sex (days per person): gap between women and men.
pub(super) fn sex_gap(facts: &Facts<'_>) -> Value {
    gap_of(&rates(facts.by_sex()))
}

/// M37_age (days per person): gap between ages.
pub(super) fn age_gap(facts: &Facts<'_>) -> Value {
    gap_of(&rates(facts.by_age()))
}

/// M37_arrived (share): gap between groups that head home in the share that has arrived.
pub(super) fn arrival_gap(facts: &Facts<'_>) -> Value {
    let arrived = arrived_by_group(facts);
    let homeward = facts.world.groups.iter().enumerate().filter(|(g, _)| has_home(facts, &[*g]));
    gap_of(&rates(homeward.map(|(g, group)| (group.name.clone(), arrived[g], facts.population[g])).collect()))
}

/// M38 (0-1): Gini coefficient of days stranded over persons who left; none where nobody was stranded.
pub(super) fn gini(facts: &Facts<'_>) -> Value {
    facts.for_each_cohort(|groups| {
        let mut persons: Vec<f64> = spells(facts, groups).iter().map(|(ended, lasting)| ended + lasting).collect();
        let stranded: f64 = persons.iter().sum();
        let left: f64 = groups.iter().map(|g| facts.left[*g]).sum();
        *persons.first_mut()? += (left - stranded).max(0.0);
        weighted_gini(&persons)
    })
}

/// Gini coefficient of whole numbers, `persons[x]` persons having x: G = 1 - sum_k w_k (C_k + C_(k-1)) / (W C_n), C the
/// cumulated total. None where all have 0.
fn weighted_gini(persons: &[f64]) -> Option<f64> {
    let (mut total, mut area, mut all) = (0.0, 0.0, 0.0);
    for (x, weight) in persons.iter().enumerate() {
        let next = total + weight * x as f64;
        area += weight * (total + next);
        all += weight;
        total = next;
    }
    (total > 0.0).then(|| 1.0 - area / (all * total))
}

/// M39 (days per person): stranded or trapped days of the group that has most, with its name.
pub(super) fn worst_off(facts: &Facts<'_>) -> Value {
    match rates(facts.stuck()).first() {
        Some((name, days)) => Value::of(Some(*days)).with_note(if *days > 0.0 { name.clone() } else { String::new() }),
        None => Value::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gini_of_known_distributions() {
        assert_eq!(weighted_gini(&[0.0, 0.0, 7.0]), Some(0.0));
        // One of four has everything: (n - 1) / n.
        assert_eq!(weighted_gini(&[3.0, 1.0]), Some(0.75));
        // 1, 2, 3: sum |xi - xj| = 8, 2 n^2 mean = 36.
        assert!((weighted_gini(&[0.0, 1.0, 1.0, 1.0]).unwrap() - 8.0 / 36.0).abs() < 1e-12);
        assert_eq!(weighted_gini(&[5.0, 0.0]), None);
    }

    #[test]
    fn small_groups_are_pooled() {
        let burden = |name: &str, total: f64, persons: f64| (name.to_owned(), total, persons);
        let pooled = rates(vec![burden("a", 100.0, 50.0), burden("b", 90.0, 10.0), burden("c", 30.0, 20.0)]);
        assert_eq!(pooled, [("2 small groups together".to_owned(), 4.0), ("a".to_owned(), 2.0)]);
        assert_eq!(rates(vec![burden("a", 100.0, 50.0), burden("b", 90.0, 10.0)]).len(), 1);
        assert_eq!(gap_of(&pooled).overall, Some(2.0));
    }
}
