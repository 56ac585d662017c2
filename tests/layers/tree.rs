//! Reads source files into what the rules need to know of them: every path they name, where, and in which module.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// One source file.
pub(crate) struct File {
    /// Its path, `src/...` with `/`.
    pub(crate) path: String,
    /// The module it holds: empty for the crate root.
    pub(crate) module: Vec<String>,
    /// Lines in all.
    pub(crate) lines: usize,
    /// Every path of two or more segments, and every imported one.
    pub(crate) mentions: Vec<Mention>,
    /// Every macro called, by the last segment of its path.
    pub(crate) macros: Vec<(usize, String)>,
    /// The line of every arm `_ =>` outside of tests.
    pub(crate) wildcards: Vec<usize>,
    /// Every type that is defined outside of tests: structs, enums, traits, aliases, and the types that a trait asks for.
    pub(crate) types: Vec<(usize, String)>,
    /// The line of every `cfg` that depends on a feature.
    pub(crate) features: Vec<usize>,
    /// Every method called outside of tests.
    pub(crate) methods: Vec<(usize, String)>,
    /// Every identifier, in code and in macros, the first time that it occurs.
    pub(crate) identifiers: BTreeMap<String, usize>,
}

/// A path as it is written in a file.
pub(crate) struct Mention {
    /// Line, from 1.
    pub(crate) line: usize,
    /// The module it is in, inline modules included.
    pub(crate) scope: Vec<String>,
    /// Its segments as written, `crate` and `super` too.
    pub(crate) path: Vec<String>,
    /// Whether it is in a `#[cfg(test)]` item.
    pub(crate) in_tests: bool,
}

impl File {
    /// Reads one file.
    pub(crate) fn read(path: &str, text: &str) -> Result<Self, String> {
        let syntax = syn::parse_file(text)
            .map_err(|error| format!("{path}:{}: does not parse: {error}", error.span().start().line))?;
        let module = module_of(path);
        let mut reader = Reader { scope: module.clone(), ..Reader::default() };
        reader.visit_file(&syntax);
        let lines = text.lines().count();
        let mut identifiers = BTreeMap::new();
        let tokens = text.parse::<TokenStream>().map_err(|error| format!("{path}: does not parse: {error}"))?;
        collect_identifiers(tokens, &mut identifiers);
        let Reader { mentions, macros, wildcards, types, features, methods, .. } = reader;
        let path = path.to_owned();
        Ok(Self { path, module, lines, mentions, macros, wildcards, types, features, methods, identifiers })
    }

    /// The folder of `src` it is in; `None` for the crate root.
    pub(crate) fn folder(&self) -> Option<&str> {
        self.module.first().map(String::as_str)
    }
}

/// `src/plan/build.rs` is `plan::build`; `mod.rs` is its folder; `lib.rs` and `main.rs` are the root.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod") || matches!(inner, "lib" | "main") {
        module.pop();
    }
    module
}

#[derive(Default)]
struct Reader {
    scope: Vec<String>,
    tests: usize,
    mentions: Vec<Mention>,
    macros: Vec<(usize, String)>,
    wildcards: Vec<usize>,
    types: Vec<(usize, String)>,
    features: Vec<usize>,
    methods: Vec<(usize, String)>,
}

fn collect_identifiers(tokens: TokenStream, found: &mut BTreeMap<String, usize>) {
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => collect_identifiers(group.stream(), found),
            TokenTree::Ident(ident) => {
                let line = ident.span().start().line;
                found.entry(ident.to_string()).or_insert(line);
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// Whether the tokens of a `cfg` name a feature.
fn names_feature(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Group(group) => names_feature(group.stream()),
        TokenTree::Ident(ident) => ident == "feature",
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Whether a pattern matches everything that earlier arms left, `_` or a name, alone or as one of several.
fn is_wildcard(pattern: &syn::Pat) -> bool {
    match pattern {
        syn::Pat::Wild(_) => true,
        syn::Pat::Ident(name) => {
            name.subpat.is_none() && name.ident.to_string().starts_with(|first: char| first.is_lowercase())
        }
        syn::Pat::Or(several) => several.cases.iter().any(is_wildcard),
        syn::Pat::Paren(inner) => is_wildcard(&inner.pat),
        _ => false,
    }
}

impl Reader {
    fn mention(&mut self, line: usize, path: Vec<String>) {
        self.mentions.push(Mention { line, scope: self.scope.clone(), path, in_tests: self.tests > 0 });
    }

    fn define(&mut self, ident: &syn::Ident) {
        if self.tests == 0 {
            self.types.push((ident.span().start().line, ident.to_string()));
        }
    }

    fn use_tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |ident: &syn::Ident| -> Vec<String> {
            before.iter().cloned().chain((ident != "self" || before.is_empty()).then(|| ident.to_string())).collect()
        };
        match tree {
            syn::UseTree::Path(path) => self.use_tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) => self.mention(name.span().start().line, with(&name.ident)),
            syn::UseTree::Rename(rename) => self.mention(rename.span().start().line, with(&rename.ident)),
            syn::UseTree::Glob(glob) => self.mention(glob.span().start().line, before.to_vec()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.use_tree(item, before)),
        }
    }

    /// Paths inside of macro calls and attributes, which the parser leaves as tokens.
    fn tokens(&mut self, tokens: TokenStream) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let punct = |at: usize, sign: char| matches!(trees.get(at), Some(TokenTree::Punct(p)) if p.as_char() == sign);
        let mut at = 0;
        while let Some(tree) = trees.get(at) {
            let (line, mut next) = (tree.span().start().line, at + 1);
            match tree {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => self.path_in_text(line, &literal.to_string()),
                TokenTree::Punct(_) => {}
                TokenTree::Ident(ident) => {
                    let mut path = vec![ident.to_string()];
                    while punct(next, ':') && punct(next + 1, ':') {
                        let Some(TokenTree::Ident(more)) = trees.get(next + 2) else { break };
                        path.push(more.to_string());
                        next += 3;
                    }
                    if punct(next, '!')
                        && matches!(trees.get(next + 1), Some(TokenTree::Group(g)) if g.delimiter() != Delimiter::None)
                    {
                        self.macros.extend(path.last().map(|name| (line, name.clone())));
                    }
                    if path.len() > 1 {
                        self.mention(line, path);
                    }
                }
            }
            at = next;
        }
    }

    /// `#[serde(default = "crate::plan::order")]` names a function in a text.
    fn path_in_text(&mut self, line: usize, literal: &str) {
        let text = literal.trim_matches('"');
        if (text.starts_with("crate::") || text.starts_with("super::")) && !text.contains(char::is_whitespace) {
            self.mention(line, text.split("::").map(str::to_owned).collect());
        }
    }

    fn inside_tests(&mut self, attributes: &[syn::Attribute], walk: impl FnOnce(&mut Self)) {
        let is_test = attributes.iter().any(|attribute| {
            attribute.path().is_ident("cfg")
                && matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
        });
        self.tests += usize::from(is_test);
        walk(self);
        self.tests -= usize::from(is_test);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.inside_tests(&item.attrs, |reader| {
            reader.scope.push(item.ident.to_string());
            visit::visit_item_mod(reader, item);
            reader.scope.pop();
        });
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.inside_tests(&item.attrs, |reader| visit::visit_item_fn(reader, item));
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.define(&item.ident);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.define(&item.ident);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.define(&item.ident);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.define(&item.ident);
        visit::visit_item_type(self, item);
    }

    fn visit_trait_item_type(&mut self, item: &'ast syn::TraitItemType) {
        self.define(&item.ident);
        visit::visit_trait_item_type(self, item);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if self.tests == 0 {
            self.methods.push((call.method.span().start().line, call.method.to_string()));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if self.tests == 0 && is_wildcard(&arm.pat) {
            self.wildcards.push(arm.pat.span().start().line);
        }
        visit::visit_arm(self, arm);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            self.inside_tests(&item.attrs, |reader| reader.use_tree(&item.tree, &[]));
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 && path.leading_colon.is_none() {
            self.mention(path.span().start().line, path.segments.iter().map(|part| part.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let line = call.path.span().start().line;
        self.macros.extend(call.path.segments.last().map(|name| (line, name.ident.to_string())));
        if call.path.is_ident("cfg") && names_feature(call.tokens.clone()) {
            self.features.push(line);
        }
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        // Documentation may point anywhere; a link is not an import.
        if let (false, syn::Meta::List(list)) = (attribute.path().is_ident("doc"), &attribute.meta) {
            let is_cfg = attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr");
            if is_cfg && names_feature(list.tokens.clone()) {
                self.features.push(attribute.span().start().line);
            }
            self.tokens(list.tokens.clone());
        }
    }

    /// `pub(super)` and `pub(in crate::plan)` say who may look in, not what is imported.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}
