//! The addresses of the project's documents, where the build names the site that `.ci/site` makes of them.

/// The address of the site. It is a part of the program, because whoever opens a pull request may change `ssprctl.yaml`, and no
/// finding may lead people to a page of theirs.
const SITE: Option<&str> = option_env!("SSPRCTL_DOCS_URL");

/// The address of the site itself.
pub(crate) fn home() -> Option<String> {
    page(SITE, "")
}

/// The address of the page about a code.
pub(crate) fn of_code(code: &str) -> Option<String> {
    page(SITE, &format!("docs/rules/{code}.html"))
}

fn page(site: Option<&str>, path: &str) -> Option<String> {
    let site = site.filter(|site| site.starts_with("https://"))?;
    Some(format!("{}/{path}", site.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn a_page_is_below_the_site_and_nowhere_without_one() {
        let at = |site| page(site, "docs/rules/drift.html");
        let address = "https://docs.contoso.com/ssprctl/docs/rules/drift.html";
        assert_eq!(at(Some("https://docs.contoso.com/ssprctl/")).as_deref(), Some(address));
        assert_eq!(at(Some("https://docs.contoso.com/ssprctl")).as_deref(), Some(address));
        assert_eq!([at(None), at(Some("")), at(Some("docs"))], [None, None, None]);
    }
}
