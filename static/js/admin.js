// The content security policy allows no style that a script writes into the page.
htmx.config.includeIndicatorStyles = false;
