/** Imported before any Apollo package: their usage reporting stays off, whatever the environment says. */
process.env['APOLLO_TELEMETRY_DISABLED'] = '1';
