//! The prefixes of tokens of known issuers.
//!
//! They are from the issuers' own documents, and those of most of them are in the lists of GitHub's
//! secret scanning and GitLab's secret detection too.

/// Prefixes of tokens, each with the minimum number of characters that follow.
pub(super) const TOKENS: &[(&str, usize)] = &[
    // Version control: GitHub, GitLab, Bitbucket.
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 22),
    ("glpat-", 20),
    ("gldt-", 20),
    ("glrt-", 20),
    ("glcbt-", 20),
    ("glptt-", 20),
    ("glft-", 20),
    ("glimt-", 20),
    ("glagent-", 20),
    ("gloas-", 20),
    ("glsoat-", 20),
    ("glffct-", 20),
    ("glwt-", 20),
    ("BBDC-", 40),
    ("ATBB", 24),
    // Chat: Slack, Discord's bots by Slack's scheme of segments.
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xoxr-", 10),
    ("xoxs-", 10),
    ("xoxe-", 10),
    ("xoxe.", 10),
    ("xoxc-", 10),
    ("xoxd-", 10),
    ("xapp-", 10),
    // Clouds: AWS, Google, DigitalOcean, Heroku, Alibaba.
    ("AKIA", 16),
    ("ASIA", 16),
    ("ABIA", 16),
    ("ACCA", 16),
    ("AIza", 35),
    ("ya29.", 20),
    ("GOCSPX-", 20),
    ("dop_v1_", 40),
    ("doo_v1_", 40),
    ("dor_v1_", 40),
    ("HRKU-", 30),
    ("LTAI", 20),
    // Stores of secrets: Vault and OpenBao, Doppler, 1Password, age.
    ("hvs.", 20),
    ("hvb.", 20),
    ("hvr.", 20),
    ("dp.pt.", 20),
    ("dp.st.", 20),
    ("ops_ey", 20),
    ("AGE-SECRET-KEY-1", 40),
    // Registries: npm, PyPI, Docker, RubyGems, Artifactory.
    ("npm_", 36),
    ("pypi-", 32),
    ("dckr_pat_", 20),
    ("dckr_oat_", 20),
    ("rubygems_", 40),
    ("AKCp", 20),
    // Payments and shops: Stripe, Square, Shopify.
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("sk_test_", 16),
    ("rk_test_", 16),
    ("whsec_", 20),
    ("sq0csp-", 20),
    ("sq0atp-", 20),
    ("shpat_", 32),
    ("shpca_", 32),
    ("shppa_", 32),
    ("shpss_", 32),
    // Models and data: OpenAI, Anthropic, Hugging Face, Databricks, Airtable.
    ("sk-proj-", 20),
    ("sk-ant-", 20),
    ("sk-svcacct-", 20),
    ("sk-admin-", 20),
    ("sk-or-v1-", 40),
    ("nvapi-", 40),
    ("hf_", 30),
    ("dapi", 32),
    // Operations: Grafana, New Relic, Postman, Sentry, Pulumi, Tailscale, Linear, Notion,
    // Atlassian, SendGrid, Mailchimp's transactions, PlanetScale, Fly.io, CircleCI.
    ("glsa_", 30),
    ("glc_", 30),
    ("NRAK-", 24),
    ("NRJS-", 16),
    ("PMAK-", 24),
    ("sntrys_", 30),
    ("sntryu_", 30),
    ("pul-", 40),
    ("tskey-", 16),
    ("lin_api_", 30),
    ("ntn_", 36),
    ("ATATT3", 20),
    ("ATCTT3", 20),
    ("SG.", 40),
    ("pscale_tkn_", 30),
    ("pscale_pw_", 30),
    ("FlyV1", 20),
    ("fo1_", 30),
    ("CCIPAT_", 20),
    // Code and projects: SonarQube, Buildkite, Supabase, Figma, HubSpot, Dynatrace.
    ("squ_", 40),
    ("sqp_", 40),
    ("sqa_", 40),
    ("bkua_", 40),
    ("sbp_", 40),
    ("figd_", 36),
    ("pat-na1-", 30),
    ("pat-eu1-", 30),
    ("dt0c01.", 40),
    ("dt0s01.", 40),
    // Private keys in base64: `-----BEGIN PRIVATE KEY`, `RSA`, `EC`, `OPENSSH`, `ENCRYPTED`, `PGP`.
    ("LS0tLS1CRUdJTiBQUklWQVRFIEtFWS", 10),
    ("LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBL", 10),
    ("LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtF", 10),
    ("LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZB", 10),
    ("LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJ", 10),
    ("LS0tLS1CRUdJTiBQR1AgUFJJVkFURSBL", 10),
    // The key that Django generates for a new project.
    ("django-insecure-", 10),
];

/// Prefixes of tokens of letters and digits alone, each with the minimum number of those. Other
/// names begin so too. They are of `OpenAI` and Notion (old ones), Groq, xAI, Perplexity and
/// Replicate.
pub(super) const PLAIN_TOKENS: &[(&str, usize)] =
    &[("sk-", 40), ("gsk_", 40), ("xai-", 40), ("pplx-", 40), ("r8_", 36), ("secret_", 40)];

/// Addresses whose path is a credential, in lower case.
pub(super) const WEBHOOKS: &[&str] = &[
    "hooks.slack.com/services/",
    "hooks.slack.com/triggers/",
    "hooks.slack.com/workflows/",
    "discord.com/api/",
    "discordapp.com/api/",
    "webhook.office.com/webhookb2/",
    "outlook.office.com/webhook/",
    "hooks.zapier.com/hooks/",
    "api.telegram.org/bot",
];
