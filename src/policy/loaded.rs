//! The result of loading.

use std::fmt;
use std::sync::Arc;

use crate::base::cloud::Cloud;
use crate::base::finding::Finding;
use crate::base::ids::TenantName;
use crate::base::source::{Place, Source};
use crate::policy::document::PolicyFile;
use crate::policy::tree::{ByteRange, Node, NodeBody};

/// Everything that one run read, with what it made of each policy.
#[derive(Debug)]
pub struct PolicySet<P = Policy> {
    /// The valid policies, sorted by path. Baselines, and files with an error, are not among them.
    pub policies: Vec<P>,
    /// All problems of all files, sorted by file and place.
    pub findings: Vec<Finding>,
    /// How many files were read, baselines included.
    pub files: usize,
    /// Those of them that could be read whole, sorted by path.
    pub(crate) sources: Vec<Arc<Source>>,
    /// A digest of their content.
    pub(crate) digest: String,
    /// The files of each tenant, also of a policy with errors, in the order of the files that were named.
    pub(crate) origins: Vec<PolicyOrigin>,
}

/// The files that one tenant's policy is made from: its own first, then every baseline that `extends` leads to, sorted by path.
#[derive(Clone, Debug)]
pub(crate) struct PolicyOrigin {
    pub(crate) tenant: TenantName,
    pub(crate) files: Vec<Arc<Source>>,
}

/// One tenant's policy, baselines merged in, with the place of every value.
pub struct Policy {
    /// The tenant's own file.
    pub source: Arc<Source>,
    pub tenant: TenantName,
    /// The cloud that hosts it.
    pub cloud: Cloud,
    /// The content of the file merged with that of its baselines.
    pub document: PolicyFile,
    places: Node,
    sources: Arc<[Arc<Source>]>,
}

impl Policy {
    /// Creates the policy of a file from its content, merged with that of its baselines.
    ///
    /// # Errors
    /// When the types refuse what the schema accepts.
    pub(crate) fn from_node(
        source: &Arc<Source>,
        tenant: &str,
        node: Node,
        sources: &Arc<[Arc<Source>]>,
    ) -> Result<Self, Box<Finding>> {
        match serde_json::from_value::<PolicyFile>(node.to_json()) {
            Ok(document) => Ok(Self::new(Arc::clone(source), tenant, document, node, Arc::clone(sources))),
            Err(error) => {
                Err(Box::new(Finding::error("wrong-type", error.to_string()).at(Place::start_of(source), "")))
            }
        }
    }

    /// Creates a policy whose `places` point into `sources`.
    fn new(source: Arc<Source>, tenant: &str, document: PolicyFile, places: Node, sources: Arc<[Arc<Source>]>) -> Self {
        let cloud = document.cloud.get().copied().unwrap_or_default();
        Self { source, tenant: TenantName::parse(tenant), cloud, document, places, sources }
    }

    /// A policy without a file, such as an imported one: every place in it is the start of `source`.
    #[must_use]
    pub(crate) fn without_places(source: Arc<Source>, tenant: &str, document: PolicyFile) -> Self {
        Self::new(source, tenant, document, Node::default(), Arc::new([]))
    }

    /// The place of the value at a JSON pointer such as `/methods/allowed/2`, in the file that set it. The place of a
    /// block mapping or list is that of its key. The place of an absent value is that of its nearest ancestor's key, or
    /// the start of the tenant's own file.
    #[must_use]
    pub fn place(&self, pointer: &str) -> Place {
        let found = self.places.follow(pointer);
        if !found.complete && found.key.is_none() {
            return Place::start_of(&self.source);
        }
        self.at(if found.complete { found.span() } else { found.key.map_or(found.value.at, |entry| entry.key_at) })
    }

    /// The words of the list at a JSON pointer with their places, in the order of the file.
    pub(crate) fn words(&self, pointer: &str) -> Vec<(String, Place)> {
        let found = self.places.follow(pointer);
        let NodeBody::List(items) = &found.value.body else { return Vec::new() };
        let word = |item: &Node| match &item.body {
            NodeBody::Text(word) => Some((word.to_string(), self.at(item.at))),
            _ => None,
        };
        items.iter().filter(|_| found.complete).filter_map(word).collect()
    }

    fn at(&self, at: ByteRange) -> Place {
        let source = self.sources.get(at.file as usize).unwrap_or(&self.source);
        Place::new(source, at.start as usize, at.end as usize)
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, tenant, cloud, document, places: _, sources: _ } = self;
        f.debug_struct("Policy")
            .field("path", &source.path)
            .field("tenant", tenant)
            .field("cloud", cloud)
            .field("document", document)
            .finish()
    }
}
