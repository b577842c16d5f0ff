//! What differs between two reports, path by path.

use ringroad::scenario::report::is_wall_path;
use serde_json::Value;

/// One path with different values; `null` stands for missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where, as `counters.applied` or `marks[2].frame`.
    pub path: String,
    /// The first report's value.
    pub left: Value,
    /// The second report's value.
    pub right: Value,
    /// Whether wall times or memory stand there, which differ between runs that are otherwise equal.
    pub is_wall: bool,
}

/// Every single value of a report with its path, in order.
pub fn flatten(report: &Value) -> Vec<(String, Value)> {
    let mut leaves = Vec::new();
    walk(String::new(), report, &mut leaves);
    leaves
}

fn walk(path: String, value: &Value, leaves: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                let below = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                walk(below, value, leaves);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                walk(format!("{path}[{index}]"), value, leaves);
            }
        }
        single => leaves.push((path, single.clone())),
    }
}

/// Every path at which two reports differ: those of the first in its order, then those that only the second has.
pub fn compare(left: &Value, right: &Value) -> Vec<Difference> {
    let (left, right) = (flatten(left), flatten(right));
    let find = |leaves: &[(String, Value)], path: &str| {
        leaves
            .iter()
            .find(|(leaf, _)| leaf == path)
            .map(|(_, value)| value.clone())
    };
    let only_right = right.iter().filter(|(path, _)| find(&left, path).is_none());
    left.iter()
        .chain(only_right)
        .filter_map(|(path, _)| {
            let (left, right) = (find(&left, path), find(&right, path));
            (left != right).then(|| Difference {
                path: path.clone(),
                left: left.unwrap_or_default(),
                right: right.unwrap_or_default(),
                is_wall: is_wall_path(path),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_differing_path_is_named_and_wall_times_are_told_apart() {
        let left = json!({ "counters": { "applied": 1 }, "marks": [{ "frame": 5 }], "memory_mib": { "end": 3.0 }, "a": {} });
        let right = json!({ "counters": { "applied": 2 }, "marks": [{ "frame": 5 }, { "frame": 6 }], "memory_mib": { "end": 4.0 }, "a": {} });
        let found = compare(&left, &right);
        let paths: Vec<_> = found
            .iter()
            .map(|difference| (difference.path.as_str(), difference.is_wall))
            .collect();
        assert_eq!(
            paths,
            [
                ("counters.applied", false),
                ("memory_mib.end", true),
                ("marks[1].frame", false)
            ]
        );
        assert_eq!(found[2].left, Value::Null);
    }

    #[test]
    fn a_report_does_not_differ_from_itself() {
        let report = json!({ "x": [1, 2, { "y": null }] });
        assert!(compare(&report, &report).is_empty());
    }
}
