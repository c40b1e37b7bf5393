/** The design page. */
export {};
