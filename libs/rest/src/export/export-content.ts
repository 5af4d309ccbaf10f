/** The media types of an export, for the 200 response of a documented operation. */
export const EXPORT_CONTENT = {
  'text/csv': {
    schema: {
      type: 'string',
      description:
        'Every row, without pages: RFC 4180 with a header row; what is no scalar stands as JSON in its column.',
    },
  },
  'application/x-ndjson': {
    schema: { type: 'string', description: 'Every row, without pages: one JSON object a line, as in `data`.' },
  },
} as const;
