"""Who is told, when and by what: plan, schedules, the other gateways of the site, light and siren."""
