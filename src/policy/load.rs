//! Loads policies from paths: find, read, parse, check, merge. One run reports all problems of all files.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use crate::base::digest::hash_texts;
use crate::base::finding::Finding;
use crate::base::ids::TenantName;
use crate::base::source::{Place, Source, portable};
use crate::policy::check::{check, limited};
use crate::policy::extends::{self, BaselineLink, MAX_DEPTH, MergeOrder};
use crate::policy::find::{self, FoundFile, POLICIES};
use crate::policy::loaded::{Policy, PolicyOrigin, PolicySet};
use crate::policy::overlay::{inherited, overlaid};
use crate::policy::read::read;
use crate::policy::roots::Roots;
use crate::policy::schema::SHAPE;
use crate::policy::tree::{ByteRange, Node, NodeBody};
use crate::policy::{syntax, yaml};

/// The code of a file that is for no tenant and that nothing extends.
pub(crate) const FOR_NO_TENANT: &str = "policy-without-tenant";

/// The stack size of the threads that parse; only the used part takes memory.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// The folders that paths are resolved against.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The folder that relative paths start from and that paths are shown relative to; usually the working directory.
    pub folder: PathBuf,
    /// The folder that `extends` may not leave. `None`: the nearest folder with `.git` above each file, else `folder`.
    pub root: Option<PathBuf>,
}

/// Loads the policies of `paths`: files, or folders that are searched for `*.yaml` and `*.yml`. Hidden files and
/// folders are skipped. The content of a file never makes this fail: every problem is a finding.
#[must_use]
pub fn load(paths: &[PathBuf], options: &LoadOptions) -> PolicySet {
    load_in(paths, &Roots::new(&options.folder, options.root.as_deref()))
}

/// Like [`load`], in folders that are given.
#[must_use]
pub(crate) fn load_in(paths: &[PathBuf], roots: &Roots) -> PolicySet {
    load_each(paths, roots, |policy| policy)
}

/// Like [`load_in`], with what `make` makes of each policy: a fleet has many, and each is dropped before the last is loaded.
#[must_use]
pub(crate) fn load_each<P: Send>(
    paths: &[PathBuf],
    roots: &Roots,
    make: impl Fn(Policy) -> P + Send + Sync,
) -> PolicySet<P> {
    // The parser recurses once for each level of nesting, and unoptimised frames are large: at the deepest level that is
    // allowed they need more than the two megabytes that threads get by default.
    match rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build() {
        Ok(pool) => pool.install(|| load_on_this_thread(paths, roots, &make)),
        Err(_) => load_on_this_thread(paths, roots, &make),
    }
}

fn load_on_this_thread<P: Send>(
    paths: &[PathBuf],
    roots: &Roots,
    make: &(impl Fn(Policy) -> P + Sync),
) -> PolicySet<P> {
    let (listed, mut findings) = find::find_files(paths, roots, &POLICIES);
    let mut run = LoadRun::read(&listed, roots);
    let order = run.order();
    let sources: Arc<[Arc<Source>]> = run.files.iter().map(|file| Arc::clone(&file.source)).collect();
    let mut whole: Vec<_> =
        run.files.iter().filter(|file| file.is_whole).map(|file| Arc::clone(&file.source)).collect();
    whole.sort_by(|a, b| a.path.cmp(&b.path));
    let digest = || {
        let texts: Vec<_> =
            sources.iter().flat_map(|source| [Cow::from(source.path.as_str()), portable(&source.text)]).collect();
        hash_texts(texts.iter().map(|text| &**text))
    };
    let (digest, (origins, merged)) = rayon::join(digest, || (run.origins(listed.len()), run.merge(&order)));
    let (policies, rest) = run.policies(listed.len(), &merged, &sources, make);
    findings.extend(rest);
    findings.sort();
    PolicySet { policies, findings, files: sources.len(), sources: whole, digest, origins }
}

/// One file of a run.
struct File {
    source: Arc<Source>,
    node: Node,
    findings: Vec<Finding>,
    links: Vec<BaselineLink>,
    /// The number of the file to which each link leads, in the order of the links; `None` for one that was not read.
    targets: Vec<Option<usize>>,
    /// Whether it was found in a folder.
    searched: bool,
    /// Whether its whole text was read.
    is_whole: bool,
}

impl File {
    fn read(number: usize, listed: &FoundFile, roots: &Roots) -> Self {
        let searched = listed.searched;
        let (source, problem) = match roots.text_of(&listed.path) {
            Some(text) => (Arc::new(Source::new(&listed.shown, text)), None),
            None => read(&listed.path, &listed.shown),
        };
        if let Some(finding) = problem {
            return Self { is_whole: false, ..Self::with_problem(source, finding, searched) };
        }
        match yaml::parse(&source.text, u32::try_from(number).unwrap_or(u32::MAX)) {
            Err(error) => {
                let finding = syntax::finding(&error, &source);
                Self::with_problem(source, finding, searched)
            }
            Ok(node) => {
                let mut findings = check(&node, &source, &SHAPE);
                let (links, broken) = extends::links(&node, &listed.path, &source, roots);
                findings.extend(broken);
                let findings = limited(findings, &source);
                Self { source, node, findings, links, targets: Vec::new(), searched, is_whole: true }
            }
        }
    }

    /// A file that is no YAML, or that cannot be read.
    fn with_problem(source: Arc<Source>, finding: Finding, searched: bool) -> Self {
        let (links, targets) = (Vec::new(), Vec::new());
        Self { source, node: Node::default(), findings: vec![finding], links, targets, searched, is_whole: true }
    }

    /// Each link with the number of the file to which it leads, if that was read.
    fn baselines(&self) -> impl Iterator<Item = (&BaselineLink, usize)> {
        self.links.iter().zip(&self.targets).filter_map(|(link, target)| Some((link, (*target)?)))
    }

    fn tenant(&self) -> Option<&str> {
        match &self.node.get("tenant")?.body {
            NodeBody::Text(tenant) => Some(tenant),
            _ => None,
        }
    }
}

/// Every file of a run: first those that were named, then the baselines they led to.
struct LoadRun {
    files: Vec<File>,
}

impl LoadRun {
    fn read(listed: &[FoundFile], roots: &Roots) -> Self {
        let (mut files, mut numbers): (Vec<File>, HashMap<OsString, usize>) = (Vec::new(), HashMap::new());
        let mut wanted: Vec<FoundFile> = listed.to_vec();
        while !wanted.is_empty() {
            let first = files.len();
            numbers.extend(wanted.iter().enumerate().map(|(index, file)| (file.path.clone().into(), first + index)));
            files.par_extend(wanted.par_iter().enumerate().map(|(index, file)| File::read(first + index, file, roots)));
            let links = files.par_iter().skip(first).flat_map_iter(|file| &file.links).map(|link| &link.target);
            let new: BTreeSet<&PathBuf> = links.filter(|target| !numbers.contains_key(target.as_os_str())).collect();
            let file = |path: &PathBuf| FoundFile { path: path.clone(), shown: roots.display(path), searched: false };
            wanted = new.into_iter().map(file).collect();
        }
        files.par_iter_mut().for_each(|file| {
            file.targets = file.links.iter().map(|link| numbers.get(link.target.as_os_str()).copied()).collect();
        });
        Self { files }
    }

    fn file(&self, number: usize) -> Option<&File> {
        self.files.get(number)
    }

    fn place(&self, at: ByteRange) -> Place {
        match self.file(at.file as usize) {
            Some(file) => Place::new(&file.source, at.start as usize, at.end as usize),
            None => Place::start_of(&Arc::new(Source::new("", ""))),
        }
    }

    fn report(&mut self, number: usize, finding: Finding) {
        if let Some(file) = self.files.get_mut(number) {
            file.findings.push(finding);
        }
    }

    /// Sorts the files so that baselines come first, and reports circles.
    fn order(&mut self) -> MergeOrder {
        let below: Vec<Vec<usize>> =
            self.files.iter().map(|file| file.targets.iter().copied().flatten().collect()).collect();
        let order = extends::order(&below);
        let mut reports = Vec::new();
        for cycle in &order.cycles {
            reports.extend(self.cycle(cycle));
        }
        for (number, file) in self.files.iter().enumerate() {
            for (link, target) in file.baselines() {
                if self.file(target).is_some_and(|target| target.tenant().is_some()) && target != number {
                    reports.push((number, self.extends_tenant(link, target)));
                }
                let height = order.height.get(target).copied().unwrap_or_default() + 1;
                if height == MAX_DEPTH + 1 {
                    let message = format!("baselines are stacked more than {MAX_DEPTH} deep here");
                    let finding = Finding::error("extends-too-deep", message)
                        .at(self.place(link.at), "the lowest is one too far")
                        .hint("let one baseline say what several of them say");
                    reports.push((number, finding));
                }
            }
        }
        for (number, finding) in reports {
            self.report(number, finding);
        }
        order
    }

    fn cycle(&self, cycle: &[usize]) -> Option<(usize, Finding)> {
        let next = |at: usize| cycle.get((at + 1) % cycle.len()).copied();
        let link = |at: usize| {
            let file = self.file(cycle.get(at).copied()?)?;
            file.baselines().find(|(_, target)| Some(*target) == next(at)).map(|(link, _)| link)
        };
        let path = |number: usize| self.file(number).map_or("", |file| &file.source.path);
        let first = *cycle.first()?;
        let round = cycle.iter().chain([&first]).map(|number| format!("`{}`", path(*number))).collect::<Vec<_>>();
        let message = format!("the policy extends itself: {}", round.join(" extends "));
        let mut finding = Finding::error("extends-cycle", message)
            .at(self.place(link(0)?.at), "this leads back here")
            .hint("remove one of these entries");
        for at in 1..cycle.len().min(MAX_DEPTH) {
            finding = finding.also(self.place(link(at)?.at), "");
        }
        Some((first, finding))
    }

    fn extends_tenant(&self, link: &BaselineLink, target: usize) -> Finding {
        let path = self.file(target).map_or("", |file| &file.source.path);
        let tenant = self.file(target).and_then(|file| file.node.get("tenant")).map(|node| self.place(node.at));
        let message = format!("`{path}` is the policy of a tenant and cannot be extended");
        let finding = Finding::error("extends-tenant", message)
            .at(self.place(link.at), "not a baseline")
            .hint("move what both share to a file without `tenant`, so that a change for one tenant stays with it");
        match tenant {
            Some(place) => finding.also(place, "this makes it a tenant's own"),
            None => finding,
        }
    }

    /// Merges each valid baseline with everything it extends. `None` for the files of tenants and for files with errors.
    fn merge(&self, order: &MergeOrder) -> Vec<Option<Arc<Node>>> {
        let mut merged: Vec<Option<Arc<Node>>> = vec![None; self.files.len()];
        for number in &order.sorted {
            let used = self.file(*number).filter(|file| file.tenant().is_none() && file.findings.is_empty());
            let Some(file) = used else { continue };
            let node = overlaid(file.node.clone(), &file.targets, &merged);
            if let Some(slot) = merged.get_mut(*number) {
                *slot = node.map(|node| Arc::new(inherited(node)));
            }
        }
        merged
    }

    /// What `make` makes of each policy among the files that were named, and every finding about any file.
    fn policies<P: Send>(
        mut self,
        named: usize,
        merged: &[Option<Arc<Node>>],
        sources: &Arc<[Arc<Source>]>,
        make: &(impl Fn(Policy) -> P + Sync),
    ) -> (Vec<P>, Vec<Finding>) {
        self.same_tenants(named);
        let unused = self.for_no_tenant(named);
        let valid: Vec<bool> = self.files.iter().map(|file| file.findings.is_empty()).collect();
        let mut findings = self.findings();
        findings.extend(unused);
        let Self { files } = self;
        let made: Vec<Result<P, Box<Finding>>> = files
            .into_par_iter()
            .zip(valid)
            .take(named)
            .filter(|(_, valid)| *valid)
            .filter_map(|(file, _)| {
                let tenant = file.tenant()?.to_owned();
                let node = overlaid(file.node, &file.targets, merged)?;
                Some(Policy::from_node(&file.source, &tenant, node, sources).map(make))
            })
            .collect();
        let mut policies = Vec::with_capacity(made.len());
        for one in made {
            match one {
                Ok(policy) => policies.push(policy),
                Err(finding) => findings.push(*finding),
            }
        }
        (policies, findings)
    }

    /// The files of each tenant among the files that were named.
    fn origins(&self, named: usize) -> Vec<PolicyOrigin> {
        let origin = |(number, file): (usize, &File)| {
            let tenant = TenantName::parse(file.tenant()?);
            let (mut seen, mut waiting) = (BTreeSet::new(), vec![number]);
            while let Some(next) = waiting.pop() {
                if let Some(file) = self.file(next).filter(|_| seen.insert(next)) {
                    waiting.extend(file.targets.iter().flatten());
                }
            }
            seen.remove(&number);
            let mut below: Vec<_> = seen.into_iter().filter_map(|number| self.file(number)).collect();
            below.sort_by(|a, b| a.source.path.cmp(&b.source.path));
            let files = std::iter::once(file).chain(below).map(|file| Arc::clone(&file.source)).collect();
            Some(PolicyOrigin { tenant, files })
        };
        self.files.par_iter().enumerate().take(named).filter_map(origin).collect()
    }

    fn same_tenants(&mut self, named: usize) {
        let mut first: HashMap<TenantName, ByteRange> = HashMap::new();
        let mut reports = Vec::new();
        for (number, file) in self.files.iter().enumerate().take(named) {
            let (Some(tenant), Some(node)) = (file.tenant(), file.node.get("tenant")) else { continue };
            let name = TenantName::parse(tenant);
            if let Some(earlier) = first.get(&name) {
                let finding = Finding::error("duplicate-tenant", format!("two files are for the tenant `{name}`"))
                    .at(self.place(node.at), "here again")
                    .also(self.place(*earlier), "first here")
                    .hint("keep one file for each tenant; share settings with a baseline and `extends`");
                reports.push((number, finding));
            } else {
                first.insert(name, node.at);
            }
        }
        for (number, finding) in reports {
            self.report(number, finding);
        }
    }

    /// Files of a folder that take no effect: they are for no tenant and nothing extends them, while others are for one.
    fn for_no_tenant(&self, named: usize) -> Vec<Finding> {
        let extended: BTreeSet<usize> =
            self.files.iter().flat_map(|file| file.targets.iter().copied().flatten()).collect();
        let listed = || self.files.iter().take(named);
        let unused = |(number, file): &(usize, &File)| {
            file.searched && file.tenant().is_none() && file.findings.is_empty() && !extended.contains(number)
        };
        let finding = |(_, file): (usize, &File)| {
            let message = format!(
                "`{}` is for no tenant, and no policy extends it: nothing of it takes effect",
                file.source.path
            );
            Finding::warning(FOR_NO_TENANT, message)
                .at(Place::start_of(&file.source), "")
                .hint("write `tenant:` if it is a tenant's policy; if it is a baseline, extend it or move it elsewhere")
        };
        // What is wrong in one file may be why another one is not extended.
        let any =
            listed().any(|file| file.tenant().is_some()) && self.files.iter().all(|file| file.findings.is_empty());
        listed().enumerate().filter(|_| any).filter(unused).map(finding).collect()
    }

    /// Every finding; one about a baseline also names a file that extends it.
    fn findings(&mut self) -> Vec<Finding> {
        let mut users: HashMap<usize, (ByteRange, usize)> = HashMap::new();
        for (link, target) in self.files.iter().flat_map(File::baselines) {
            users.entry(target).and_modify(|user| user.1 += 1).or_insert((link.at, 0));
        }
        let mut all = Vec::new();
        for number in 0..self.files.len() {
            let user = users.get(&number).map(|(at, more)| (self.place(*at), extended_here(*more)));
            let own = self.files.get_mut(number).map(|file| std::mem::take(&mut file.findings));
            for finding in own.into_iter().flatten() {
                all.push(match &user {
                    Some((place, says)) if finding.code != "extends-cycle" => finding.also(place.clone(), says.clone()),
                    _ => finding,
                });
            }
        }
        all
    }
}

fn extended_here(more: usize) -> String {
    match more {
        0 => "extended here".into(),
        more => format!("extended here, and in {more} more places"),
    }
}
