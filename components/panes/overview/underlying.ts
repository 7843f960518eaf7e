/** The summaries are of derivatives of an underlying, which has a short name; a company's full name is none. */
export const isUnderlying = (name: string): boolean => /^[A-Z0-9&-]{1,20}$/.test(name);
