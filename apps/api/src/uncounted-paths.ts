/** Whoever watches the service, or reads up an error, has no budget: these paths are free, and tell of no limit. */
export const UNCOUNTED_PATHS = /^\/(?:health|metrics|status|problems)(?=[/.]|$)/;
/** Asked by probes, which know an address and no name, and come from within. */
export const HEALTH_PATHS = /^\/health\//;
