import { expect } from 'chai';
import { categoryOf } from './category.js';

describe('The category of files', () => {
  it('are of one category where all are', () => {
    expect(categoryOf(['image/png', 'image/gif'])).to.equal('images');
    expect(categoryOf(['video/mp4'])).to.equal('videos');
    expect(categoryOf(['image/png', 'video/mp4'])).to.equal('documents');
  });
});
