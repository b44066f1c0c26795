import fc from 'fast-check';

// The same cases in every run: what fails here fails everywhere. Another seed looks elsewhere: PROPERTY_SEED=7 npm test
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });
