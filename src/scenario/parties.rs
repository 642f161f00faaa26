//! Who travels together: party compositions by size, sex and age, and how often each occurs in a group.

use super::scenario::GroupRow;
use super::world::Composition;

const FEMALE: usize = 0;
const MALE: usize = 1;
const CHILDREN: [usize; 3] = [1, 0, 2];
const ADULT: usize = 3;
const ELDERLY: usize = 4;
const LARGEST: usize = 8;

/// Index of a man alone, of a woman alone, of an elderly man and an elderly woman alone.
const ALONE: [u8; 4] = [0, 1, 2, 3];

/// The compositions of every world: people alone, men together, families with children. Composition 0 is a man alone.
pub fn compositions() -> Vec<Composition> {
    let one = |sex: usize, age: usize| {
        let mut persons = [[0; 5]; 2];
        persons[sex][age] = 1;
        Composition::new(persons)
    };
    let mut all = vec![one(MALE, ADULT), one(FEMALE, ADULT), one(MALE, ELDERLY), one(FEMALE, ELDERLY)];
    for size in 2..=LARGEST {
        let mut men = [[0; 5]; 2];
        men[MALE][ADULT] = size as u8;
        all.push(Composition::new(men));
        let mut family = [[0; 5]; 2];
        family[FEMALE][ADULT] = 1;
        family[MALE][ADULT] = u8::from(size > 2);
        for child in 0..size - 1 - usize::from(size > 2) {
            family[child % 2][CHILDREN[child % 3]] += 1;
        }
        all.push(Composition::new(family));
    }
    all
}

/// How often each composition occurs among the parties of a group: index and cumulated weight out of 2^32. Sizes follow
/// 1 + Poisson(mean - 1), cut at 8; families are as frequent as the share of children asks for, women and the elderly travel
/// alone or in families. Assumed, from the means and shares of the group.
pub fn parties(group: &GroupRow) -> Vec<(u8, u64)> {
    let mean = group.party_size.clamp(1.0, LARGEST as f64);
    let mut sizes = vec![libm::exp(-(mean - 1.0))];
    for size in 1..LARGEST {
        sizes.push(sizes[size - 1] * (mean - 1.0) / size as f64);
    }
    let total: f64 = sizes.iter().sum();
    sizes.iter_mut().for_each(|s| *s /= total);
    let table = compositions();
    let family = |size: usize| (2 * size + 1) as u8;
    let children = |index: u8| {
        let persons = &table[usize::from(index)].persons();
        persons.iter().flat_map(|ages| &ages[..3]).map(|n| f64::from(*n)).sum::<f64>()
    };
    let women = |index: u8| table[usize::from(index)].persons()[FEMALE].iter().map(|n| f64::from(*n)).sum::<f64>();
    let in_parties = |of: &dyn Fn(u8) -> f64| (2..=LARGEST).map(|size| sizes[size - 1] * of(family(size))).sum::<f64>();
    let share = |wanted: f64, available: f64| if available > 0.0 { (wanted / available).clamp(0.0, 1.0) } else { 0.0 };
    let families = share(group.child_share * mean, in_parties(&children));
    let women_alone = share(group.female_share * mean - families * in_parties(&women), sizes[0]);
    let elderly_alone = share(group.elderly_share * mean, sizes[0]);
    let mut weights: Vec<(u8, f64)> = vec![
        (ALONE[0], sizes[0] * (1.0 - women_alone) * (1.0 - elderly_alone)),
        (ALONE[1], sizes[0] * women_alone * (1.0 - elderly_alone)),
        (ALONE[2], sizes[0] * (1.0 - women_alone) * elderly_alone),
        (ALONE[3], sizes[0] * women_alone * elderly_alone),
    ];
    for size in 2..=LARGEST {
        weights.push((family(size) - 1, sizes[size - 1] * (1.0 - families)));
        weights.push((family(size), sizes[size - 1] * families));
    }
    let mut sum = 0.0;
    let mut cumulated: Vec<(u8, u64)> = weights
        .into_iter()
        .filter(|(_, weight)| *weight > 0.0)
        .map(|(index, weight)| {
            sum += weight;
            (index, (sum * 4_294_967_296.0) as u64)
        })
        .collect();
    if let Some(last) = cumulated.last_mut() {
        last.1 = 1 << 32;
    }
    cumulated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_name_the_compositions_that_they_mean() {
        let all = compositions();
        for size in 2..=LARGEST {
            assert_eq!(usize::from(all[2 * size].size()), size, "men together");
            assert_eq!(usize::from(all[2 * size + 1].size()), size, "family");
            assert!(all[2 * size + 1].persons().iter().flat_map(|a| &a[..3]).any(|n| *n > 0), "children in it");
        }
        assert!(all[..4].iter().all(|c| c.size() == 1));
    }
}
