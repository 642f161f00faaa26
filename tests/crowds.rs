//! People who are alike are counted together: the numbers must follow the law that people listed one by one follow.

mod common;

use common::world;
use corridor::engine::Run;
use corridor::engine::agents::State;
use corridor::scenario::world::World;

/// A row of towns with camps at its end and aside, one of which fills up; two groups; a way that closes and a leg of two days. People
/// plan up to three hops ahead, start on foot, and leave the far camp for good.
fn rich(people: u32) -> World {
    let camp = people / 8;
    let locations = format!(
        "id,country,kind,lat,lon,capacity,residents\na,AAA,town,0,0,,1\nb,AAA,town,0,1,,1\nc,AAA,town,0,2,,1\nnear,BBB,camp,0,3,{camp},0\nfar,BBB,camp,0,9,,0\nside,CCC,camp,1,1,,0\n"
    );
    let populations = format!("group,place,persons,state\nG,a,{people},displaced\nH,b,{people},displaced\n");
    let mut world = world(
        20,
        "[choice]\nhorizon = 3\n[travel]\nby_km = 1\nrange_km = 200\nstart_on_foot = 1\nwalk_km = 60\n[risk]\nway_death = 0\nway_detention = 0\nway_robbery = 0\nsea_death = 0\n",
        &[
            ("locations.csv", &locations),
            (
                "routes.csv",
                "from,to,mode,km\na,b,road,50\nb,a,road,50\nb,c,road,70\nc,b,road,70\nc,near,road,110\nnear,c,road,110\nc,far,road,450\nb,side,road,130\nside,b,road,130\n",
            ),
            ("groups.csv", "id,aim,party_size,money_usd,money_spread\nG,safety,1,0,1\nH,safety,1,0,1\n"),
            ("populations.csv", &populations),
            (
                "policies.csv",
                "rule,from,to,groups,start,end\nclosed,b,side,all,2030-01-04,2030-01-09\nclosed,c,far,H,2030-01-01,\n",
            ),
            ("shocks.csv", "place,kind,start,intensity\na,conflict,2030-01-01,0.9\n"),
        ],
    );
    world.conditions.leave_chance = vec![0.0, 0.0, 0.0, 0.0, 0.2, 0.0];
    world
}

/// Sums and sums of squares over replications of what is published on each day: by place and group, by state, and by link.
struct Moments {
    sum: Vec<f64>,
    squares: Vec<f64>,
    runs: f64,
}

impl Moments {
    fn of<'w>(runs: u32, mut begin: impl FnMut(u32) -> Run<'w>) -> Self {
        let mut moments = Self { sum: Vec::new(), squares: Vec::new(), runs: f64::from(runs) };
        for replication in 0..runs {
            let mut run = begin(replication);
            let mut published = Vec::new();
            let everybody = run.counts().state.iter().sum::<u32>();
            while let Some(counts) = run.step() {
                assert_eq!(counts.state.iter().sum::<u32>(), everybody, "nobody is lost or invented");
                assert_eq!(counts.present.iter().sum::<u32>(), counts.state.iter().step_by(State::COUNT).sum::<u32>());
                let all = counts.present.iter().chain(&counts.state).chain(&counts.entered).chain(&counts.crossed);
                published.extend(all.chain(&counts.arrived).chain(&counts.departed).map(|n| f64::from(*n)));
            }
            moments.sum.resize(published.len(), 0.0);
            moments.squares.resize(published.len(), 0.0);
            for (i, value) in published.iter().enumerate() {
                moments.sum[i] += value;
                moments.squares[i] += value * value;
            }
        }
        moments
    }

    fn mean(&self, i: usize) -> f64 {
        self.sum[i] / self.runs
    }

    fn variance(&self, i: usize) -> f64 {
        ((self.squares[i] - self.sum[i] * self.sum[i] / self.runs) / (self.runs - 1.0)).max(0.0)
    }
}

#[test]
fn crowds_follow_the_law_of_people_one_by_one() {
    // Few people, who meet each outcome one by one, and many, who meet them by numbers.
    for (people, runs) in [(6, 4000), (400, 1000)] {
        let world = rich(people);
        let (together, alone) = (Run::new(&world, 1, 0), Run::person_by_person(&world, 1, 0));
        assert!(together.agents().is_empty() && alone.agents().len() == 2 * people as usize, "one is by crowds");
        let together = Moments::of(runs, |replication| Run::new(&world, 1, replication));
        let alone = Moments::of(runs, |replication| Run::person_by_person(&world, 2, replication));
        let (mut worst, mut seen, mut ratios): (f64, u32, Vec<f64>) = (0.0, 0, Vec::new());
        for i in 0..alone.sum.len() {
            let (a, b) = (alone.variance(i), together.variance(i));
            // Where somebody was seen in a few runs only, a mean is no normal number.
            if a + b < 0.05 {
                assert!((alone.mean(i) - together.mean(i)).abs() < 0.05, "{i}: {} {}", alone.mean(i), together.mean(i));
                continue;
            }
            seen += 1;
            worst = worst.max((alone.mean(i) - together.mean(i)).abs() / ((a + b) / f64::from(runs)).sqrt());
            // The variance of rare events is itself uncertain.
            if alone.mean(i) > 1.0 {
                ratios.push(b / a);
            }
        }
        ratios.sort_by(f64::total_cmp);
        let (low, middle, high) = (ratios[0], ratios[ratios.len() / 2], ratios[ratios.len() - 1]);
        println!("{people} people: {seen} counts, worst z {worst:.2}, variances {low:.2} {middle:.3} {high:.2}");
        assert!(seen > 300 && worst < 4.8, "{people}: worst z {worst:.1} of {seen}");
        assert!(low > 0.7 && (0.97..1.03).contains(&middle) && high < 1.4, "{people}: {low:.2} {middle:.3} {high:.2}");
    }
}

#[test]
fn many_crowds_give_the_same_counts_for_any_number_of_threads() {
    // Towns in a circle, each with ways to the next three on both sides, and plans of four hops: thousands of crowds on the move.
    let (mut locations, mut routes) = (String::from("id,country,kind,lat,lon\n"), String::from("from,to,mode,km\n"));
    for i in 0..16 {
        locations += &format!("p{i},AAA,town,{},{}\n", i % 4, i / 4);
        (1..4).for_each(|k| routes += &format!("p{i},p{},road,{}\n", (i + k) % 16, 20 + 7 * k + i));
    }
    let world = world(
        6,
        "[choice]\nhorizon = 4\n[travel]\nby_km = 1\nrange_km = 200\nmove_chance_town = 0.9\n[risk]\nway_death = 0\nway_detention = 0\nway_robbery = 0\nsea_death = 0\n",
        &[
            ("locations.csv", &locations),
            ("routes.csv", &routes),
            ("groups.csv", "id,aim,party_size,money_usd,money_spread\nG,safety,1,0,1\n"),
            ("populations.csv", "group,place,persons,state\nG,p0,300000,displaced\nG,p7,300000,displaced\n"),
        ],
    );
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let mut run = Run::new(&world, 1, 0);
            assert!(run.agents().is_empty(), "by crowds");
            std::iter::from_fn(|| run.step().cloned()).collect::<Vec<_>>()
        })
    };
    let one = run(1);
    assert!(one.iter().all(|counts| counts.entered.iter().sum::<u32>() > 1_000_000), "several hops a day");
    assert!([2, 3, 8].into_iter().all(|threads| run(threads) == one));
}
